package fact

import (
	"encoding/binary"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Links are the links of a message, packed. They are the larger part of a fact and no stage but the last asks for them, so
// they stay packed until then. A notice has dozens, of three hundred bytes each, that say nearly everything twice: where a
// counted link leads in the end stands in its target, percent-encoded, and the host in both. Such is kept as a reference.
type Links string

// What a packed link begins with: which of its fields are references.
const (
	linkOfficial    = 1 << iota
	linkShowsItself // Shown is Target
	linkFinal       // Final follows
	linkFinalInside // Final is a piece of Target, percent-decoded: its place follows
	linkHost        // Host is that of Final, else of Target, as written there
	linkChain       // Chain is the host of Target alone
	linkFrom        // From is that of the link before
)

// PackLinks packs a list.
func PackLinks(list []finding.Link) Links {
	if len(list) == 0 {
		return ""
	}
	size := binary.MaxVarintLen64
	for i := range list {
		size += 16 + len(list[i].Target) + len(list[i].Shown)
	}
	var b strings.Builder // no copy is made of it
	b.Grow(size)
	number := func(n int) {
		var v [binary.MaxVarintLen64]byte
		b.Write(v[:binary.PutUvarint(v[:], uint64(n))])
	}
	text := func(s string) {
		number(len(s))
		b.WriteString(s)
	}
	number(len(list))
	from := ""
	for i := range list {
		l := &list[i]
		at, n := -1, 0
		flags := byte(0)
		set := func(bit byte, is bool) {
			if is {
				flags |= bit
			}
		}
		set(linkOfficial, l.Official)
		set(linkShowsItself, l.Shown == l.Target)
		if l.Final != "" {
			if at, n = encodedIn(l.Target, l.Final); at >= 0 {
				flags |= linkFinalInside
			} else {
				flags |= linkFinal
			}
		}
		set(linkHost, l.Host == hostOf(l.Final, l.Target))
		set(linkChain, len(l.Chain) == 1 && l.Chain[0] == hostOf("", l.Target))
		set(linkFrom, l.From == from)
		from = l.From
		b.WriteByte(flags)
		text(l.Target)
		if flags&linkShowsItself == 0 {
			text(l.Shown)
		}
		switch {
		case flags&linkFinal != 0:
			text(l.Final)
		case flags&linkFinalInside != 0:
			number(at)
			number(n)
		}
		if flags&linkHost == 0 {
			text(l.Host)
		}
		if flags&linkChain == 0 {
			number(len(l.Chain))
			for _, host := range l.Chain {
				text(host)
			}
		}
		if flags&linkFrom == 0 {
			text(l.From)
		}
	}
	return Links(b.String())
}

// leastLink is how many bytes the shortest link takes: flags and an empty target.
const leastLink = 2

// List unpacks the links. It fails on what PackLinks did not make.
func (p Links) List() ([]finding.Link, error) {
	if p == "" {
		return nil, nil
	}
	r := &reader{s: string(p)}
	text := func() string { return r.bytes(r.count(1)) }
	list := make([]finding.Link, r.count(leastLink))
	from := ""
	for i := range list {
		l := &list[i]
		flags := byte(0)
		if b := r.bytes(1); b != "" {
			flags = b[0]
		}
		l.Official = flags&linkOfficial != 0
		l.Target = text()
		if l.Shown = l.Target; flags&linkShowsItself == 0 {
			l.Shown = text()
		}
		switch {
		case flags&linkFinal != 0:
			l.Final = text()
		case flags&linkFinalInside != 0:
			at, n := r.uint(), r.uint()
			if at > uint64(len(l.Target)) || n > uint64(len(l.Target))-at {
				r.fail()
				break
			}
			l.Final = unescape(l.Target[at : at+n])
		}
		if flags&linkHost != 0 {
			l.Host = hostOf(l.Final, l.Target)
		} else {
			l.Host = text()
		}
		if flags&linkChain != 0 {
			l.Chain = []string{hostOf("", l.Target)}
		} else if n := r.count(1); n > 0 {
			l.Chain = make([]string, n)
			for i := range l.Chain {
				l.Chain[i] = text()
			}
		}
		if flags&linkFrom == 0 {
			from = text()
		}
		l.From = from
	}
	if r.failed || r.at != len(r.s) {
		return nil, errDamaged
	}
	return list, nil
}

// hostOf is the host of an address as written, that of target where there is no final one; "" where it has none.
func hostOf(final, target string) string {
	if final != "" {
		target = final
	}
	_, rest, ok := strings.Cut(target, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#:"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// encodedTries is how many places of a target are tried: a counted link has one address in it, one through a second counter
// two. A hostile one may be made of beginnings.
const encodedTries = 4

// encodedIn finds the piece of target that is final, percent-encoded: at is negative where there is none.
func encodedIn(target, final string) (at, n int) {
	begin := final[:min(len("http"), len(final))]
	for range encodedTries {
		at++
		i := strings.Index(target[min(at, len(target)):], begin)
		if i < 0 {
			break
		}
		at += i
		j, k := at, 0
		for j < len(target) && k < len(final) {
			c, width := unescapeByte(target[j:])
			if c != final[k] {
				break
			}
			j, k = j+width, k+1
		}
		if k == len(final) {
			return at, j - at
		}
	}
	return -1, 0
}

// unescape undoes percent-encoding (RFC 3986 §2.1); a "%" that begins none stays.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for s != "" {
		c, width := unescapeByte(s)
		b, s = append(b, c), s[width:]
	}
	return string(b)
}

// unescapeByte is the first byte of s, which is not empty, and how many bytes it takes.
func unescapeByte(s string) (c byte, width int) {
	if s[0] == '%' && len(s) > 2 {
		high, low := hexDigit(s[1]), hexDigit(s[2])
		if high < 16 && low < 16 {
			return high<<4 | low, 3
		}
	}
	return s[0], 1
}

// hexDigit is the value of a hexadecimal digit, 16 for none.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
