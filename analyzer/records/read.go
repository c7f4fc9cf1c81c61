package records

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
)

// Limits of what is read. Twenty years of a busy account are some ten megabytes and fifty thousand rows.
const (
	maxFile    = 64 << 20
	maxTotal   = 512 << 20
	maxRows    = 400_000
	maxFiles   = 50_000
	maxColumns = 200
	headRows   = 12 // rows in which a header is looked for: card statements begin with the holder's name
)

// ErrNone is returned for a path that holds no file of a known form.
var ErrNone = errors.New("no file of Amazon's records and no card statement")

// Read reads what Amazon keeps of an account and statements of cards: files, folders and zips, and zips in these. What cannot
// be read is a problem of the set; a path that holds none of either is ErrNone.
func Read(paths ...string) (*Set, error) {
	r := &reader{set: &Set{}, left: maxTotal}
	for _, path := range paths {
		before := len(r.set.Files)
		r.again = false
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("reading records: %w", err)
		}
		if info.IsDir() {
			err = r.folder(path)
		} else {
			err = r.file(path, []string{evidence.EscapeName(filepath.Base(path))})
		}
		if err != nil {
			return nil, err
		}
		if len(r.set.Files) == before && !r.again {
			return nil, fmt.Errorf("%w: %s", ErrNone, path)
		}
	}
	for _, f := range r.set.Files {
		if f.Unread > 0 {
			r.problem(f.Path, "io", fmt.Sprintf("%d rows of a table have no time that can be read", f.Unread))
		}
	}
	r.set.finish()
	return r.set, nil
}

// reader reads into a set.
type reader struct {
	set         *Set
	left        int64                      // bytes that may still be read
	seen        map[[sha256.Size]byte]bool // tables
	again       bool                       // a table was there before: the same file twice is one
	rows, files int
}

// folder reads the files below a folder in the order of their names; links are not followed.
func (r *reader) folder(root string) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			r.problem([]string{evidence.EscapeName(filepath.Base(path))}, "io", err.Error())
			return nil
		}
		if !d.Type().IsRegular() || !candidate(d.Name()) {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return fmt.Errorf("reading records: %w", err)
		}
		return r.file(path, []string{evidence.EscapeName(filepath.ToSlash(rel))})
	})
	if err != nil {
		return fmt.Errorf("reading records: %w", err)
	}
	return nil
}

// candidate reports whether a name can be that of a table or an archive of tables: pictures and PDF are left alone.
func candidate(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".json", ".txt", ".tsv", ".ofx", ".qfx", ".zip":
		return true
	}
	return false
}

// file reads one file of the disk.
func (r *reader) file(path string, place []string) error {
	f, err := os.Open(path)
	if err != nil {
		r.problem(place, "io", err.Error())
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading records: %w", err)
	}
	before := len(r.set.Files)
	head := make([]byte, 4)
	if n, _ := f.ReadAt(head, 0); n == 4 && string(head) == "PK\x03\x04" {
		r.zip(f, info.Size(), place)
	} else {
		r.member(f, place)
	}
	if len(r.set.Files) == before {
		return nil
	}
	o := Original{Path: path, Size: info.Size()}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, info.Size())); err != nil {
		r.problem(place, "io", err.Error())
		return nil
	}
	o.SHA256 = evidence.Digest(h.Sum(nil))
	r.set.Read = append(r.set.Read, o)
	return nil
}

// zip reads the members of an archive that can be tables.
func (r *reader) zip(at io.ReaderAt, size int64, place []string) {
	z, err := archive.OpenZip(at, size)
	if err != nil {
		r.problem(place, "archive", err.Error())
		return
	}
	var inflater archive.Inflater
	for {
		m, err := z.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.problem(place, "archive", err.Error())
			return
		}
		if m.IsDir() || !candidate(m.Name) {
			continue
		}
		if r.files++; r.files > maxFiles {
			r.problem(place, "limit", "more files than are read of records")
			return
		}
		in := append(slices.Clone(place), evidence.EscapeName(m.Name))
		if m.Problem == nil {
			var offset int64
			if offset, m.Problem = z.Data(m); m.Problem == nil {
				inflater.Open(m, io.NewSectionReader(at, offset, m.Stored))
			}
		}
		if m.Problem != nil {
			r.problem(in, "archive", m.Problem.Error())
			continue
		}
		r.member(m.Reader, in)
	}
}

// member reads one file, which may be a zip inside a zip: "All your data" comes so.
func (r *reader) member(from io.Reader, place []string) {
	if r.left <= 0 {
		r.problem(place, "limit", "more bytes than are read of records")
		return
	}
	b, err := io.ReadAll(io.LimitReader(from, min(maxFile, r.left)+1))
	r.left -= int64(len(b))
	switch {
	case len(b) > maxFile || r.left < 0:
		r.problem(place, "limit", "more bytes than are read of records")
		return
	case err != nil:
		r.problem(place, "io", err.Error())
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		if len(place) < 3 {
			r.zip(bytes.NewReader(b), int64(len(b)), place)
		}
		return
	}
	r.table(b, place)
}

// table reads the rows of one file of any form.
func (r *reader) table(b []byte, place []string) {
	sum := sha256.Sum256(b)
	if r.seen[sum] {
		r.again = true
		return
	}
	if r.seen == nil {
		r.seen = make(map[[sha256.Size]byte]bool)
	}
	r.seen[sum] = true
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	text := string(b)
	if !utf8.Valid(b) {
		text = charset.Guess(b).Text
	}
	switch start := strings.TrimSpace(clip(text, 512)); {
	case strings.HasPrefix(start, "OFXHEADER") || strings.HasPrefix(start, "<?OFX") || strings.Contains(start, "<OFX>"):
		r.ofx(text, place)
	case strings.HasPrefix(start, "{"):
		r.json(text, place)
	default:
		r.csv(text, place)
	}
}

// csv reads a file of values separated by commas or tabs.
func (r *reader) csv(text string, place []string) {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = -1, true, true
	if line, _, _ := strings.Cut(clip(text, 4096), "\n"); strings.Count(line, "\t") > strings.Count(line, ",") {
		in.Comma = '\t'
	}
	var h header
	found := false
	for n := 1; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if found {
				r.problem(place, "io", "a row of a table cannot be read")
			}
			return
		}
		if !found {
			if h, found = recognise(row, ""); found {
				r.set.Files = append(r.set.Files, File{Path: place, Kind: h.format.Kind})
			} else if n == headRows {
				return
			}
			continue
		}
		line, _ := in.FieldPos(0)
		if !r.row(h, row, place, line) {
			return
		}
	}
}

// json reads a list of objects that a JSON file holds under a name.
func (r *reader) json(text string, place []string) {
	var file map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &file) != nil {
		return // not ours, or damaged: what it is cannot be told
	}
	names := make([]string, 0, len(file))
	for name := range file {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var list []map[string]json.RawMessage
		if json.Unmarshal(file[name], &list) != nil || len(list) == 0 {
			continue
		}
		known := false
		for i, object := range list {
			columns := make([]string, 0, len(object))
			for k := range object {
				columns = append(columns, k)
			}
			slices.Sort(columns)
			h, ok := recognise(columns, Key(name))
			if !ok {
				continue
			}
			if !known {
				known = true
				r.set.Files = append(r.set.Files, File{Path: place, Kind: h.format.Kind})
			}
			row := make([]string, len(columns))
			for c, k := range columns {
				var s string
				if json.Unmarshal(object[k], &s) == nil {
					row[c] = s
				}
			}
			if !r.row(h, row, place, i+1) {
				return
			}
		}
	}
}

// row takes one row. It returns false where no more rows are read.
func (r *reader) row(h header, row []string, place []string, line int) bool {
	if r.rows++; r.rows > maxRows {
		r.problem(place, "limit", "more rows than are read of records")
		return false
	}
	file := &r.set.Files[len(r.set.Files)-1]
	v := newRow(h, row)
	v.path, v.line, v.file = place, line, len(r.set.Files)-1
	if v.time.IsZero() {
		file.Unread++
		return true
	}
	file.Rows++
	r.set.add(v)
	return true
}

func (r *reader) problem(place []string, stage, reason string) {
	r.set.Problems = append(r.set.Problems, finding.Problem{
		Location: evidence.Location{Path: place}, Stage: stage, Reason: reason,
	})
}
