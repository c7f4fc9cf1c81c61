package mboxfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-mbox"
)

// Quoted reports whether a message's bytes hold a line that begins with "From " behind any number of ">", so that Body has
// something to undo or to protect.
func Quoted(data []byte) bool {
	for i := 0; ; {
		j := indexFrom(data[i:])
		if j < 0 {
			return false
		}
		i += j
		q := i
		for q > 0 && data[q-1] == '>' {
			q--
		}
		if q == 0 || data[q-1] == '\n' || data[q-1] == '\r' {
			return true
		}
		i += len(fromMark)
	}
}

// Body undoes the From_ quoting of one message as an Extent holds it, as mboxrd defines it: one ">" less before each
// body line of ">" and "From ". Header lines stay as they are. A message without such lines is returned as it is;
// else line ends become CRLF. The result never shares memory with data where it differs.
func Body(data []byte) ([]byte, error) {
	if !Quoted(data) {
		return data, nil
	}
	if bytes.IndexByte(data, '\n') < 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n")) // a file with lone CR line ends
	}
	head, body := split(data)
	text := bytes.TrimRight(body, "\r\n")
	trailing := bytes.Count(body[len(text):], []byte("\n"))

	m, err := mbox.NewReader(io.MultiReader(strings.NewReader("From -\n"), &guarded{rest: text})).NextMessage()
	if err != nil {
		return nil, fmt.Errorf("undoing From_ quoting: %w", err)
	}
	// A message may have many megabytes, of which there shall be one copy: room for it, with line ends that grow.
	var out bytes.Buffer
	out.Grow(len(data) + bytes.Count(data, []byte("\n")) + 4*bytes.MinRead)
	eachLine(head, func(line []byte) {
		out.Write(bytes.TrimRight(line, "\r\n"))
		out.WriteString("\r\n")
	})
	end := out.Len()
	if _, err := out.ReadFrom(m); err != nil {
		return nil, fmt.Errorf("undoing From_ quoting: %w", err)
	}
	all := out.Bytes()
	eachLine(bytes.TrimSuffix(all[end:], []byte("\r\n")), func(line []byte) {
		// go-mbox knows mboxo and leaves ">>From " alone.
		if bytes.HasPrefix(line, []byte(">>")) && bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromMark) {
			line = line[1:]
		}
		end += copy(all[end:], line)
	})
	out.Truncate(end)
	for range trailing {
		out.WriteString("\r\n")
	}
	return out.Bytes(), nil
}

// guarded reads the lines of a text, with ">" before each that begins with "From ": go-mbox takes such a line for the next
// message, and takes one ">" from ">From ".
type guarded struct {
	rest   []byte
	inside bool // a line
}

func (g *guarded) Read(p []byte) (n int, err error) {
	for n < len(p) && len(g.rest) > 0 {
		if !g.inside {
			g.inside = true
			if bytes.HasPrefix(g.rest, fromMark) {
				p[n] = '>'
				n++
				continue
			}
		}
		line := g.rest
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		k := copy(p[n:], line)
		n += k
		g.inside = line[k-1] != '\n'
		g.rest = g.rest[k:]
	}
	if n == 0 && len(g.rest) == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// split cuts a message behind the blank line that ends its header.
func split(data []byte) (head, body []byte) {
	for i := 0; i < len(data); {
		j := bytes.IndexByte(data[i:], '\n')
		if j < 0 {
			break
		}
		line := bytes.TrimSuffix(data[i:i+j], []byte("\r"))
		i += j + 1
		if len(line) == 0 {
			return data[:i], data[i:]
		}
	}
	return data, nil
}

// eachLine calls f with each line of b and its line end.
func eachLine(b []byte, f func(line []byte)) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			i = len(b) - 1
		}
		f(b[:i+1])
		b = b[i+1:]
	}
}
