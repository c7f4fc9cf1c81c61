package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
)

// What Find looks at, at most: mail archives have a million entries, and a folder of mail is not walked twice.
const (
	probeHead    = 8 << 10
	probeEntries = 20_000
	probeDepth   = 4
)

// Find names the files at a path that are what Amazon gives on "Request my data", with the card statements beside them: the path
// itself where it is a table of orders or a zip that holds one, and of a folder the tables, where one of them is of orders. Files
// are known by their columns, of which the first bytes are read alone. Zips inside a folder are left to be named: among mail they
// are mail.
func Find(path string) (files []string) {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		if ours, orders := probeFile(path); ours && orders {
			return []string{path}
		}
		return nil
	}
	known, seen := false, 0
	_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(path, at)
		switch seen++; {
		case err != nil:
			return nil
		case seen > probeEntries:
			return fs.SkipAll
		case d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= probeDepth:
			return fs.SkipDir
		case d.Type().IsRegular() && strings.EqualFold(filepath.Ext(at), ".csv"):
			ours, orders := probeFile(at)
			if known = known || orders; ours {
				files = append(files, at)
			}
		}
		return nil
	})
	if !known {
		return nil
	}
	return files
}

// probeFile reports whether a file is a table of a known form, or a zip that holds one of orders, and whether it has orders.
func probeFile(path string) (ours, orders bool) {
	f, err := os.Open(path)
	if err != nil {
		return false, false
	}
	defer f.Close()
	head := make([]byte, probeHead)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, false
	}
	if !bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) {
		kind := headKind(head[:n])
		return kind != "", isOrders(kind)
	}
	info, err := f.Stat()
	if err != nil {
		return false, false
	}
	found := probeZip(f, info.Size())
	return found, found
}

// probeZip looks into the tables of a zip.
func probeZip(at io.ReaderAt, size int64) bool {
	z, err := archive.OpenZip(at, size)
	if err != nil {
		return false
	}
	var inflater archive.Inflater
	for range probeEntries {
		m, err := z.Next()
		if err != nil {
			return false
		}
		if m.Problem != nil || !strings.EqualFold(filepath.Ext(m.Name), ".csv") {
			continue
		}
		offset, err := z.Data(m)
		if err != nil {
			continue
		}
		if inflater.Open(m, io.NewSectionReader(at, offset, m.Stored)); m.Problem != nil {
			continue
		}
		head := make([]byte, probeHead)
		if n, _ := io.ReadFull(m.Reader, head); isOrders(headKind(head[:n])) {
			return true
		}
	}
	return false
}

func isOrders(kind string) bool { return kind == "order" || kind == "digital_order" }

// headKind is the kind of a table by its first rows, "" where it is none that is known.
func headKind(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	text := string(b)
	if !utf8.Valid(b[:max(0, len(b)-utf8.UTFMax)]) {
		text = charset.Guess(b).Text
	}
	in := csv.NewReader(strings.NewReader(text))
	in.LazyQuotes, in.FieldsPerRecord = true, -1
	for range headRows {
		row, err := in.Read()
		if err != nil {
			return ""
		}
		if h, ok := recognise(row, ""); ok {
			return h.format.Kind
		}
	}
	return ""
}
