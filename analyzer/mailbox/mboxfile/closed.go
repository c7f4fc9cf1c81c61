package mboxfile

import (
	"bytes"
	"mime"
)

// closed reports whether a message ends with the line that closes its MIME structure (RFC 2046 §5.1.1), whole with its line
// end: what a program writes of it is there.
func closed(b []byte) bool {
	text := bytes.TrimRight(b, "\r\n")
	if len(text) == len(b) {
		return false
	}
	line := text[bytes.LastIndexAny(text, "\r\n")+1:]
	if !bytes.HasPrefix(line, []byte("--")) || !bytes.HasSuffix(bytes.TrimRight(line, " \t"), []byte("--")) {
		return false
	}
	boundary := boundaryOf(b)
	return boundary != "" && string(bytes.TrimRight(line, " \t")) == "--"+boundary+"--"
}

// boundaryOf is the boundary that a message's own header names, "" for none.
func boundaryOf(b []byte) string {
	var value []byte
	for line := range bytes.Lines(b[:min(len(b), headerScan)]) {
		text := bytes.TrimRight(line, "\r\n")
		name, v, _ := bytes.Cut(text, []byte(":"))
		switch {
		case len(text) == 0:
			return boundaryIn(value)
		case value != nil && (text[0] == ' ' || text[0] == '\t'):
			value = append(value, text...)
		case value != nil:
			return boundaryIn(value)
		case bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Type")):
			value = append([]byte{' '}, v...)
		}
	}
	return ""
}

// boundaryIn is the boundary that a Content-Type names.
func boundaryIn(value []byte) string {
	_, parameters, err := mime.ParseMediaType(string(bytes.TrimSpace(value)))
	if err != nil {
		return ""
	}
	return parameters["boundary"]
}
