package records

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
)

const retail = "Website,Order ID,Order Date,Purchase Order Number,Currency,Unit Price,Unit Price Tax,Shipping Charge,Total Discounts,Total Owed,ASIN,Quantity,Payment Instrument Type,Order Status,Shipment Status,Ship Date,Product Name\n"

// Every format knows its good header lines and none of its bad ones; the generated table is that of the data.
func TestFormats(t *testing.T) {
	data, err := os.ReadFile("formats.toml")
	if err != nil {
		t.Fatal(err)
	}
	list, err := DecodeFormats(data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := FormatsSource(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("formats_gen.go"); err != nil || !bytes.Equal(got, want) {
		t.Error("formats_gen.go is not made from formats.toml: go generate ./analyzer/records")
	}
	names := func(line string) []string {
		row, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	for i, f := range list {
		if f.List == "" && (len(f.Good) == 0 || len(f.Bad) == 0) {
			t.Errorf("format %d (%s) has no samples", i, f.Kind)
		}
		for _, line := range f.Good {
			if h, ok := recognise(names(line), ""); !ok || h.format != &formats[i] {
				t.Errorf("%s is not known as format %d (%s)", line, i, f.Kind)
			} else if h.at["time"] < 0 {
				t.Errorf("%s: no column with the time", line)
			}
		}
		for _, line := range f.Bad {
			if h, ok := recognise(names(line), ""); ok && h.format == &formats[i] {
				t.Errorf("%s is taken for format %d (%s)", line, i, f.Kind)
			}
		}
	}
}

func TestValues(t *testing.T) {
	for in, want := range map[string]int64{
		"1,234.56": 123456, "1.234,56": 123456, "1234": 123400, "1,234": 123400, "12,5": 1250, "¥1,980": 198000, "'-14.39'": -1439,
		"１，２００円": 120000, "1,234,567": 123456700, "JPY 500": 50000, "0.0": 0, "(5.00)": -500, "1.5": 150, "-300": -30000,
	} {
		if got, ok := parseAmount(in); !ok || got != want {
			t.Errorf("amount %q: %d, %v, want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "=1+2", "Not Available", "99999999999999999999", "1e9", "12/5"} {
		if got, ok := parseAmount(in); ok {
			t.Errorf("amount %q: %d", in, got)
		}
	}
	for in, day := range map[string]bool{
		"2025-08-04T20:39:52Z": false, "2025-08-05T03:08:19.087Z": false, "2025/8/4": true, "2025年8月4日": true, "08/04/2025 11:22:33 UTC": false,
		"20250804": true, "2025-08-04 20:39:52": false, "２０２５/08/04": true,
	} {
		if got, d, ok := parseTime(in); !ok || d != day || got.Year() != 2025 || got.Month() != time.August {
			t.Errorf("time %q: %v, day %v, %v", in, got, d, ok)
		}
	}
	for _, in := range []string{"", "Not Available", "March", "0001-01-01", "9999-99-99"} {
		if got, _, ok := parseTime(in); ok {
			t.Errorf("time %q: %v", in, got)
		}
	}
}

// An archive as Amazon sends it: a zip in a zip, tables that are not ours beside those that are, rows put together to orders.
func TestReadArchive(t *testing.T) {
	inner := zipped(t, map[string]string{
		"Retail.OrderHistory.3/Retail.OrderHistory.3.csv": "\ufeff" + retail +
			`Amazon.co.jp,250-1111111-1111111,2025-08-04T20:39:52Z,Not Available,JPY,"1,000",0,0,'0',"1,000",B0,1,Visa - 1234,Closed,Shipped,2025-08-05T03:08:19.087Z,"=HYPERLINK(""x"")"` + "\n" +
			`Amazon.co.jp,250-1111111-1111111,2025-08-04T20:39:52Z,Not Available,JPY,980,0,0,0,980,B1,1,Visa - 1234,Closed,Shipped,2025-08-06T03:08:19.087Z,本` + "\n" +
			`Amazon.co.jp,250-2222222-2222222,when,Not Available,JPY,980,0,0,0,980,B1,1,Visa - 1234,Closed,Shipped,x,本` + "\n",
		"Retail.CartItems.1/Retail.CartItems.1.csv": "DateAddedToCart,Source\nx,y\n",
		"photo.jpeg": "\xff\xd8",
		"Retail.AuthenticationTokens/Retail.AuthenticationTokens.json": `{"authenticationSessionRecords":[{"creationTime":"2025-08-04T20:39:52Z","x":1}]}`,
	})
	path := filepath.Join(t.TempDir(), "All Data.zip")
	if err := os.WriteFile(path, zipped(t, map[string]string{"Your Orders.zip": string(inner)}), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "Your Orders.zip")
	if err := os.WriteFile(plain, inner, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Find(plain); len(got) != 1 || got[0] != plain {
		t.Error("the archive is not recognised")
	}
	s, err := Read(path)
	if err != nil || len(s.Problems) != 1 { // the row without a time
		t.Fatal(err, s.Problems)
	}
	if len(s.Orders) != 1 || len(s.Events) != 1 || len(s.Files) != 2 {
		t.Fatalf("%d orders, %d events, %d files", len(s.Orders), len(s.Events), len(s.Files))
	}
	o := s.Order("250-1111111-1111111")
	if o.Total != 198000 || o.Site != "co.jp" || len(o.Parts) != 2 || o.Currency != "JPY" || o.Place.Row != 2 || len(o.Place.Path) != 3 {
		t.Errorf("the order is read as %+v", o)
	}
	if s.Files[1].Unread != 1 && s.Files[0].Unread != 1 {
		t.Error("the row without a time is not counted")
	}
}

// Statements of Japanese issuers are Shift_JIS, with the holder's name above the header; OFX has neither header nor end tags.
func TestReadStatements(t *testing.T) {
	sjis, err := japanese.ShiftJIS.NewEncoder().String("山田　花子　様,4980-****-****-1234,カード\r\nご利用日,ご利用店名,ご利用金額,支払区分\r\n2025/08/05,ＡＭＡＺＯＮ．ＣＯ．ＪＰ,1980,１\r\n2025/08/06,ローソン,300,１\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"meisai.csv": sjis,
		"card.ofx":   "OFXHEADER:100\n<OFX><CURDEF>JPY\n<STMTTRN>\n<DTPOSTED>20250805120000[+9:JST]\n<TRNAMT>-1980\n<NAME>AMAZON.CO.JP\n<STMTTRN><DTPOSTED>20250806<TRNAMT>-300<NAME>LAWSON</STMTTRN></OFX>",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Read(path, path) // the same twice is one
		if err != nil || len(s.Charges) != 2 || s.Charges[0].Amount != 198000 || !amazonShop(s.Charges[0].Item) || amazonShop(s.Charges[1].Item) {
			t.Errorf("%s: %v, %+v", name, err, s.Charges)
		}
	}
}

func TestReadNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	if Find(path) != nil || Find(filepath.Dir(path)) != nil {
		t.Error("a table of something else is taken for Amazon's records")
	}
}

// In a folder the tables are found, a statement beside orders too, and nothing where there are no orders.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	card := write("card.csv", "山田様,1234\n利用日,利用店名・商品名,利用者,支払方法,利用金額\n")
	write("other.csv", "a,b\n")
	if got := Find(dir); got != nil {
		t.Errorf("a statement alone is taken for Amazon's records: %q", got)
	}
	orders := write("orders.csv", retail)
	if got := Find(dir); len(got) != 2 || got[0] != card || got[1] != orders {
		t.Errorf("found %q", got)
	}
}

// FuzzTable holds the readers to their limits: no panic, and every order has a number and a time.
func FuzzTable(f *testing.F) {
	f.Add([]byte(retail + "Amazon.com,1,2025-01-01,,,,,,,1,,,,,,,x"))
	f.Add([]byte("OFXHEADER<OFX><STMTTRN><DTPOSTED>20250101<TRNAMT>1<STMTTRN>"))
	f.Add([]byte(`{"authenticationSessionRecords":[{"creationTime":"2025-08-04T20:39:52Z"}]}`))
	f.Add([]byte("利用日,利用店名・商品名,利用金額\n\"2025/1/1,\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &reader{set: &Set{}, left: maxTotal}
		r.member(bytes.NewReader(b), []string{"x"})
		r.set.finish()
		for i := range r.set.Orders {
			if o := &r.set.Orders[i]; o.ID == "" || o.Time.IsZero() || r.set.Order(o.ID) != o {
				t.Errorf("order %+v", o)
			}
		}
		if _, err := Match(r.set, Input{}); err != nil {
			t.Error(err)
		}
	})
}

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
