package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

// The checksum of two blocks is that of both in one.
func TestJoinCRC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.Byte()).Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		if got, want := joinCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), int64(len(b))), crc32.ChecksumIEEE(append(a, b...)); got != want {
			t.Errorf("%08x, want %08x", got, want)
		}
	})
	long := bytes.Repeat([]byte("x"), 1<<20)
	if got, want := joinCRC(crc32.ChecksumIEEE([]byte("a")), crc32.ChecksumIEEE(long), 1<<20), crc32.ChecksumIEEE(append([]byte("a"), long...)); got != want {
		t.Errorf("a long block: %08x, want %08x", got, want)
	}
}

// tokens are the elements, attributes and texts of XML, apart from how it spells them.
func tokens(t *testing.T, text string) []xml.Token {
	t.Helper()
	var list []xml.Token
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %.200q", err, text)
		}
		list = append(list, xml.CopyToken(tok))
	}
}

// A cell is written as excelize's own StreamWriter writes it.
func TestCellsAreExcelizes(t *testing.T) {
	values := []any{"", "plain", " space before", "space behind ", "tab\there", "line\nbreak", "return\rhere", `"quoted" & 'quoted' <tag> ]]>`, "日本語 𠮷", "_x0041_", "_x005F_", "_x005F_x0041_", "_x00", "_xZZZZ_", "a_b", int64(0), int64(-5), int64(1 << 60), 0.0, 46056.5, "\x00\x01\x1f", "bad \xff utf-8", "\ufffe\uffff"}
	for _, a := range reporttest.Attacks() {
		values = append(values, view.SafeN(a, view.MaxCell))
	}
	for _, v := range values {
		f := excelize.NewFile()
		stream, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SetRow("A7", []any{nil, excelize.Cell{StyleID: 1, Value: v}}); err != nil {
			t.Fatal(err)
		}
		if err := stream.Flush(); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		part := parts(t, b.Bytes())["xl/worksheets/sheet1.xml"]
		want := part[strings.Index(part, "<row"):strings.Index(part, sheetEnd)]
		w := rowWriter{columns: []string{"A", "B"}}
		w.row(7, 0, []cell{{}, {style: 1, xml: appendCell(nil, v)}})
		ours, theirs := tokens(t, string(w.out)), tokens(t, want)
		if len(ours) != len(theirs) {
			t.Errorf("%.60q: %s, excelize writes %s", v, w.out, want)
			continue
		}
		for i := range ours {
			if !sameToken(ours[i], theirs[i]) {
				t.Errorf("%.60q: %s, excelize writes %s", v, w.out, want)
				break
			}
		}
	}
}

func sameToken(a, b xml.Token) bool {
	x, ok := a.(xml.StartElement)
	if !ok {
		p, isText := a.(xml.CharData)
		q, alsoText := b.(xml.CharData)
		if isText && alsoText {
			return bytes.Equal(p, q)
		}
		return a == b
	}
	y, ok := b.(xml.StartElement)
	if !ok || x.Name != y.Name || len(x.Attr) != len(y.Attr) {
		return false
	}
	for i := range x.Attr {
		if x.Attr[i] != y.Attr[i] {
			return false
		}
	}
	return true
}

// Escapes that overlap are escaped both: a program that reads the first leaves the second.
func TestOverlappingEscapes(t *testing.T) {
	if got, want := string(appendText(nil, "_x0041_x0042_")), "_x005F_x0041_x005F_x0042_"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// One goroutine and many write the same bytes, masked or not, also where rows go on in further sheets in the middle of a
// batch.
func TestSameBytesOnAnyMachine(t *testing.T) {
	s := reporttest.Large(3 * rowBatch)
	for _, redact := range []bool{false, true} {
		var one []byte
		for _, cores := range []int{1, 5} {
			before := runtime.GOMAXPROCS(cores)
			r, err := view.Build(context.Background(), s.File(), view.Options{Lang: view.JA, Zone: reporttest.Tokyo, Redact: redact})
			if err != nil {
				t.Fatal(err)
			}
			b := &book{Report: r, ctx: context.Background(), rowLimit: headRow + rowBatch + 30}
			var out bytes.Buffer
			err = b.writeTo(&out)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			if one == nil {
				one = out.Bytes()
			} else if !bytes.Equal(one, out.Bytes()) {
				t.Errorf("redacted %v: one goroutine writes other bytes than five", redact)
			}
		}
	}
}

// The numbers of rows ascend on every part of every sheet, none beyond the limit, and each cell stands in its row.
func TestRowNumbers(t *testing.T) {
	s := reporttest.Large(3 * rowBatch)
	for i := range s.Messages[:40] {
		s.Messages[i].Copies = append(s.Messages[i].Copies, s.Messages[i].Location, s.Messages[i].Location)
	}
	r, err := view.Build(context.Background(), s.File(), view.Options{Lang: view.EN})
	if err != nil {
		t.Fatal(err)
	}
	const limit = headRow + 100
	b := &book{Report: r, ctx: context.Background(), rowLimit: limit}
	var out bytes.Buffer
	if err := b.writeTo(&out); err != nil {
		t.Fatal(err)
	}
	rows, z := 0, out.Bytes()
	reader, err := zip.NewReader(bytes.NewReader(z), int64(len(z)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range reader.File {
		if !strings.HasPrefix(part.Name, "xl/worksheets/sheet") {
			continue
		}
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		var sheet struct {
			Rows []struct {
				R int `xml:"r,attr"`
				C []struct {
					R string `xml:"r,attr"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
		}
		if err := xml.NewDecoder(in).Decode(&sheet); err != nil {
			t.Fatalf("%s: %v", part.Name, err)
		}
		last := 0
		for _, row := range sheet.Rows {
			if row.R <= last || row.R > limit && part.Name != "xl/worksheets/sheet1.xml" {
				t.Errorf("%s: row %d after row %d", part.Name, row.R, last)
			}
			last = row.R
			rows++
			for _, c := range row.C {
				if _, n, err := excelize.CellNameToCoordinates(c.R); err != nil || n != row.R {
					t.Errorf("%s: cell %s in row %d", part.Name, c.R, row.R)
				}
			}
		}
	}
	if least := len(s.Messages)*2 + 80; rows < least {
		t.Errorf("%d rows, want at least %d", rows, least)
	}
}
