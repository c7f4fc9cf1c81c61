// Package mork reads Mork 1.4, the text format of Mozilla's summary files (.msf).
//
// A Mork file is a log. Dictionaries give numbers to strings: one for the names of columns, one for values
// ("atoms"). Rows are sets of cells, a column and a value each, and tables are sets of rows. What stands later
// replaces what stood before: a row is written again with the cells that changed, and a table names the rows that
// left it with a minus. Changes stand in groups, "@$${1{@" to "@$$}1}@"; a group without its end is the trace of a
// program that was killed while it wrote, and does not count. The format is described by its author in
// "mork/docs" of the Mozilla tree (1999) and has not changed since.
//
// Only one scope of rows is kept, and of its rows the columns that were asked for: a folder of a hundred thousand
// messages has a summary of forty megabytes, most of which is about threads and sorting.
package mork

import (
	"bytes"
	"errors"
	"strings"
)

// Magic begins a Mork file.
const Magic = "// <!-- <mdb:mork:z v="

// ErrFormat is returned for bytes that do not begin as Mork does.
var ErrFormat = errors.New("not a Mork file")

// Row is one row: the values of the columns that Read was asked for, in that order, "" where the row has none.
type Row struct {
	Cells []string
	// Cut reports whether the table that held the row no longer does.
	Cut bool
}

// Read reads the rows of a scope ("ns:msg:db:row:scope:msgs:all"), by their id in lower-case hex. Damage ends the reading
// without an error: what was read before it is returned, and whole is false.
func Read(data []byte, scope string, columns []string) (rows map[string]*Row, whole bool, err error) {
	if !bytes.HasPrefix(data, []byte(Magic)) {
		return nil, false, ErrFormat
	}
	r := &reader{
		data: data, scope: scope, column: make(map[string]int, len(columns)),
		names: make(map[string]string), atoms: make(map[string]string), rows: make(map[string]*Row), width: len(columns),
	}
	for i, c := range columns {
		r.column[c] = i
	}
	return r.rows, r.read(), nil
}

// reader is a pass over a file. data shrinks from the front.
type reader struct {
	data   []byte
	scope  string
	column map[string]int    // by name
	names  map[string]string // column dictionary: names of columns, scopes and kinds
	atoms  map[string]string // values
	rows   map[string]*Row
	width  int
}

// read reads all top-level items and reports whether it came to the end.
func (r *reader) read() bool {
	for {
		r.blank()
		if len(r.data) == 0 {
			return true
		}
		ok := true
		switch r.data[0] {
		case '<':
			ok = r.dictionary()
		case '[':
			_, ok = r.row("")
		case '{':
			ok = r.table()
		case '@':
			ok = r.group()
		default:
			r.data = r.data[1:] // of no meaning
		}
		if !ok {
			return false
		}
	}
}

// blank passes white space and comments.
func (r *reader) blank() {
	for len(r.data) > 0 {
		switch c := r.data[0]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			r.data = r.data[1:]
		case bytes.HasPrefix(r.data, []byte("//")):
			end := bytes.IndexByte(r.data, '\n')
			if end < 0 {
				end = len(r.data) - 1
			}
			r.data = r.data[end+1:]
		case bytes.HasPrefix(r.data, []byte("/*")):
			end := bytes.Index(r.data, []byte("*/"))
			if end < 0 {
				end = len(r.data) - 2
			}
			r.data = r.data[end+2:]
		default:
			return
		}
	}
}

// dictionary reads "<(80=text)…>"; one that begins with "<(a=c)>" is of columns.
func (r *reader) dictionary() bool {
	r.data = r.data[1:]
	to := r.atoms
	for {
		r.blank()
		if len(r.data) == 0 {
			return false
		}
		switch r.data[0] {
		case '>':
			r.data = r.data[1:]
			return true
		case '<': // what the dictionary is of
			end := bytes.IndexByte(r.data, '>')
			if end < 0 {
				return false
			}
			if bytes.Contains(r.data[:end], []byte("a=c")) {
				to = r.names
			}
			r.data = r.data[end+1:]
		case '(':
			r.data = r.data[1:]
			key, ok := r.until("=")
			if !ok {
				return false
			}
			value, ok := r.value()
			if !ok {
				return false
			}
			to[id(key)] = value
		default:
			r.data = r.data[1:]
		}
	}
}

// until returns what stands before the first of the given characters, and passes that one.
func (r *reader) until(chars string) (string, bool) {
	i := bytes.IndexAny(r.data, chars)
	if i < 0 {
		r.data = nil
		return "", false
	}
	s := string(bytes.TrimSpace(r.data[:i]))
	r.data = r.data[i+1:]
	return s, true
}

// value reads a literal up to its closing parenthesis. A backslash takes the next character as it is and joins lines,
// "$E3" is one byte.
func (r *reader) value() (string, bool) {
	plain := true
	for i := 0; i < len(r.data); i++ {
		switch r.data[i] {
		case '\\':
			plain = false
			i++
		case '$':
			plain = false
		case ')':
			raw := r.data[:i]
			r.data = r.data[i+1:]
			if plain {
				return string(raw), true
			}
			return unescape(raw), true
		}
	}
	r.data = nil
	return "", false
}

func unescape(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\\' && i+1 < len(raw):
			i++
			if raw[i] == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			} else if raw[i] != '\n' && raw[i] != '\r' {
				out = append(out, raw[i])
			}
		case c == '$' && i+2 < len(raw) && isHex(raw[i+1]) && isHex(raw[i+2]):
			out = append(out, nibble(raw[i+1])<<4|nibble(raw[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func nibble(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// id is an object id as a key: hex digits, whose case differs between writers.
func id(s string) string { return strings.ToLower(s) }

// resolve is a scope or column as written: "^80" names an entry of the column dictionary, anything else itself.
func (r *reader) resolve(s string) string {
	if ref, ok := strings.CutPrefix(s, "^"); ok {
		ref, _, _ = strings.Cut(ref, ":")
		return r.names[id(ref)]
	}
	return s
}

// row reads "[1:^80(^88=1)(^83^A1)]". inherited is the scope of the table that it stands in. It returns the row's id,
// "" for a row of another scope. "[-1:^80" empties the row before it sets cells.
func (r *reader) row(inherited string) (string, bool) {
	r.data = r.data[1:]
	head := bytes.IndexAny(r.data, "([]")
	if head < 0 {
		r.data = nil
		return "", false
	}
	key, scope, cut := r.rowID(string(bytes.TrimSpace(r.data[:head])), inherited)
	r.data = r.data[head:]
	var row *Row
	if scope == r.scope && key != "" {
		if row = r.rows[key]; row == nil {
			row = &Row{Cells: make([]string, r.width)}
			r.rows[key] = row
		}
		if cut {
			clear(row.Cells)
		}
		row.Cut = false
	} else {
		key = ""
	}
	for {
		r.blank()
		if len(r.data) == 0 {
			return "", false
		}
		switch r.data[0] {
		case ']':
			r.data = r.data[1:]
			return key, true
		case '(':
			r.data = r.data[1:]
			if !r.cell(row) {
				return "", false
			}
		case '[': // what the row is about: of no use here
			if _, ok := r.until("]"); !ok {
				return "", false
			}
		default:
			r.data = r.data[1:]
		}
	}
}

// rowID reads "1:^80", "-1:m" or, in a table, "1".
func (r *reader) rowID(s, inherited string) (key, scope string, cut bool) {
	s, cut = strings.CutPrefix(s, "-")
	key, scope, ok := strings.Cut(s, ":")
	if !ok {
		return id(key), inherited, cut
	}
	return id(key), r.resolve(scope), cut
}

// cell reads "^88=1)", "^83^A1)" or "-^88)" into a row, which is nil for one that is not kept.
func (r *reader) cell(row *Row) bool {
	cut := len(r.data) > 0 && r.data[0] == '-'
	if cut {
		r.data = r.data[1:]
	}
	from := 0
	if len(r.data) > 0 && r.data[0] == '^' {
		from = 1
	}
	i := bytes.IndexAny(r.data[from:], "=^)")
	if i < 0 {
		r.data = nil
		return false
	}
	i += from
	column, kind := r.resolve(string(r.data[:i])), r.data[i]
	r.data = r.data[i+1:]
	value, ok := "", true
	switch kind {
	case '=':
		value, ok = r.value()
	case '^':
		var ref string
		ref, ok = r.until(")")
		ref, _, _ = strings.Cut(ref, ":")
		value = r.atoms[id(ref)]
	}
	if !ok {
		return false
	}
	if n, want := r.column[column]; row != nil && want {
		if cut {
			value = ""
		}
		row.Cells[n] = value
	}
	return true
}

// table reads "{1:^80 {(k^96:c)(s=9)} [2(…)] 3 -4 }": rows written out, rows named, and rows that left.
func (r *reader) table() bool {
	r.data = r.data[1:]
	head := bytes.IndexAny(r.data, " \t\r\n{[}")
	if head < 0 {
		r.data = nil
		return false
	}
	_, scope, _ := r.rowID(string(r.data[:head]), "")
	r.data = r.data[head:]
	for {
		r.blank()
		if len(r.data) == 0 {
			return false
		}
		switch c := r.data[0]; {
		case c == '}':
			r.data = r.data[1:]
			return true
		case c == '{': // what the table is about
			if !r.about() {
				return false
			}
		case c == '[':
			if _, ok := r.row(scope); !ok {
				return false
			}
		default:
			end := bytes.IndexAny(r.data, " \t\r\n{[}")
			if end < 0 {
				r.data = nil
				return false
			}
			word := string(r.data[:max(end, 1)])
			r.data = r.data[max(end, 1):]
			if key, of, cut := r.rowID(word, scope); of == r.scope && r.rows[key] != nil {
				r.rows[key].Cut = cut
			}
		}
	}
}

// about passes "{(k^96:c)(s=9) 1:m }".
func (r *reader) about() bool {
	r.data = r.data[1:]
	for len(r.data) > 0 {
		switch r.data[0] {
		case '}':
			r.data = r.data[1:]
			return true
		case '(':
			r.data = r.data[1:]
			if _, ok := r.value(); !ok {
				return false
			}
		default:
			r.data = r.data[1:]
		}
	}
	return false
}

// group reads the head of "@$${1A{@ … @$$}1A}@": what stands in it is read like all else if its end is there, and passed
// over if it was aborted ("@$$}~~}@") or never ended. The end of a group, "@$$}1A}@", is passed.
func (r *reader) group() bool {
	head, ok := bytes.CutPrefix(r.data, []byte("@$${"))
	if !ok {
		if i := bytes.Index(r.data[1:], []byte("@")); bytes.HasPrefix(r.data, []byte("@$$}")) && i >= 0 {
			r.data = r.data[i+2:]
			return true
		}
		r.data = r.data[1:]
		return true
	}
	open := bytes.Index(head, []byte("{@"))
	if open < 0 || open > 16 {
		r.data = nil
		return false
	}
	name, body := string(head[:open]), head[open+2:]
	// A value can't hold this: its "$" would be written "$24". So the first one found ends this group or none.
	end := bytes.Index(body, []byte("@$$}"))
	switch {
	case end < 0:
		r.data = nil
		return false
	case bytes.HasPrefix(body[end+4:], []byte(name+"}@")):
		r.data = body
	default: // aborted: "@$$}~abort~}@"
		r.data = body[end:]
	}
	return true
}
