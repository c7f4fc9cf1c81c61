package mboxfile

import (
	"bytes"
	"fmt"
	"io"

	"github.com/emersion/go-mbox"
)

// Quoted tells whether a message's bytes hold a line that begins with "From " behind any number of ">", so that Body has
// something to undo or to protect.
func Quoted(data []byte) bool {
	for i := 0; ; {
		j := bytes.Index(data[i:], fromMark)
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

	var in bytes.Buffer
	in.Grow(len(text) + 64)
	in.WriteString("From -\n")
	eachLine(text, func(line []byte) {
		// go-mbox takes every line that begins with "From " for the next message, and takes one ">" from ">From ".
		if bytes.HasPrefix(line, fromMark) {
			in.WriteByte('>')
		}
		in.Write(line)
	})
	m, err := mbox.NewReader(&in).NextMessage()
	if err != nil {
		return nil, fmt.Errorf("undoing From_ quoting: %w", err)
	}
	plain, err := io.ReadAll(m)
	if err != nil {
		return nil, fmt.Errorf("undoing From_ quoting: %w", err)
	}
	var out bytes.Buffer
	out.Grow(len(head) + len(plain) + 64)
	eachLine(head, func(line []byte) {
		out.Write(bytes.TrimRight(line, "\r\n"))
		out.WriteString("\r\n")
	})
	eachLine(bytes.TrimSuffix(plain, []byte("\r\n")), func(line []byte) {
		// go-mbox knows mboxo and leaves ">>From " alone.
		if bytes.HasPrefix(line, []byte(">>")) && bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromMark) {
			line = line[1:]
		}
		out.Write(line)
	})
	for range trailing {
		out.WriteString("\r\n")
	}
	return out.Bytes(), nil
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
