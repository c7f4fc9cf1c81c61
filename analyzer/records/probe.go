package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
)

// What Probe looks at, at most: mail archives have a million entries, and a folder of mail is not walked twice.
const (
	probeHead    = 8 << 10
	probeEntries = 20_000
	probeDepth   = 4
)

// Probe reports whether a path is what Amazon gives on "Request my data": a file, a folder or a zip that holds a table of orders,
// known by its columns. It reads the first bytes of tables alone.
func Probe(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return probeFile(path)
	}
	found, seen := false, 0
	_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(path, at)
		switch seen++; {
		case err != nil:
			return nil
		case seen > probeEntries:
			return fs.SkipAll
		case d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= probeDepth:
			return fs.SkipDir
		case d.Type().IsRegular() && strings.EqualFold(filepath.Ext(at), ".csv") && probeFile(at):
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// probeFile is Probe for one file.
func probeFile(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, probeHead)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	if !bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) {
		return ordersHead(head[:n])
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	return probeZip(f, info.Size())
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
		if n, _ := io.ReadFull(m.Reader, head); ordersHead(head[:n]) {
			return true
		}
	}
	return false
}

// ordersHead reports whether a table begins with the columns of orders.
func ordersHead(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if line, _, ok := bytes.Cut(b, []byte("\n")); ok {
		b = line
	}
	in := csv.NewReader(bytes.NewReader(b))
	in.LazyQuotes = true
	row, err := in.Read()
	if err != nil {
		return false
	}
	h, ok := recognise(row, "")
	return ok && slices.Contains([]string{"order", "digital_order"}, h.format.Kind)
}
