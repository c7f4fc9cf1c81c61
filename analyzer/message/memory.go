package message

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// Memory is what is remembered from message to message: what styles say, and how enmime reads a structure. Mail of one
// sender is written with one template, so that most of it was seen before. The zero value is ready; it is not safe for
// concurrent use.
type Memory struct {
	pages      htmltext.Memory
	structures map[string]*structure
	text       Room
}

// Bounds of the structures that are remembered: they are forgotten when there are so many, and a longer one is not kept.
const (
	maxStructures    = 256
	longestStructure = 4 << 10
)

// structure is enmime's reading of what elide made of a message with these boundaries.
func (m *Memory) structure(elided []byte, boundaries []string) (*structure, error) {
	key, ok := skeleton(elided, boundaries)
	if ok {
		if known := m.structures[key]; known != nil {
			return known, nil
		}
	}
	s, err := askEnmime(elided)
	if err == nil && ok {
		if m.structures == nil || len(m.structures) >= maxStructures {
			m.structures = make(map[string]*structure)
		}
		m.structures[key] = s
	}
	return s, err
}

// skeletonMark is in every boundary of a skeleton and in no message that has one.
const skeletonMark = "mailaudit-boundary-"

// skeleton is what elide made with other boundaries, so that messages that differ in nothing else have the same one. A
// boundary is new in each message, and what it is made of says nothing as long as letters and digits alone differ: each
// run of them becomes one letter, and a number tells boundaries apart. ok is false where boundaries stand anywhere but in
// their declaration and at the beginning of lines, or begin with one another.
func skeleton(elided []byte, boundaries []string) (key string, ok bool) {
	if len(elided) > longestStructure || len(boundaries) > 9 || bytes.Contains(elided, []byte(skeletonMark)) {
		return "", false
	}
	names := make([]string, len(boundaries))
	for i, b := range boundaries {
		for k, other := range boundaries {
			if i != k && strings.HasPrefix(other, b) {
				return "", false
			}
		}
		if names[i] = anonymous(b); names[i] == "" {
			return "", false
		}
		names[i] += fmt.Sprint(skeletonMark, i)
	}
	out := make([]byte, 0, len(elided)+64)
	for line := range bytes.Lines(elided) {
		at := 2
		if !bytes.HasPrefix(line, []byte("--")) {
			if at = bytes.Index(line, []byte(`boundary=`)); at >= 0 {
				if at += len(`boundary=`); at < len(line) && line[at] == '"' {
					at++
				}
			}
		}
		if at >= 0 {
			for i, b := range boundaries {
				if bytes.HasPrefix(line[at:], []byte(b)) {
					out = append(append(out, line[:at]...), names[i]...)
					line = line[at+len(b):]
					break
				}
			}
		}
		out = append(out, line...)
	}
	for _, b := range boundaries {
		if bytes.Contains(out, []byte(b)) {
			return "", false
		}
	}
	return string(out), true
}

// anonymous is a boundary with one letter for each run of letters and digits; "" for one with characters that boundaries
// are rarely made of.
func anonymous(boundary string) string {
	var b strings.Builder
	run := false
	for i := range len(boundary) {
		switch c := boundary[i]; {
		case '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z':
			if !run {
				b.WriteByte('x')
			}
			run = true
			continue
		case c == '-' || c == '_' || c == '=' || c == '.' || c == '+' || c == '/':
			b.WriteByte(c)
		default:
			return ""
		}
		run = false
	}
	return b.String()
}
