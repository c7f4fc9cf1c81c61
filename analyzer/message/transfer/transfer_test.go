package transfer

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
)

var base64Tests = []struct {
	name, in, want string
	damage         Damage
}{
	{"plain", "SGVsbG8=", "Hello", Damage{}},
	{"lines", "SGVs\r\nbG8=\r\n", "Hello", Damage{}},
	{"white space anywhere", "S G\tVsb\n\nG8=", "Hello", Damage{}},
	{"junk", "SGV*sb!G8=", "Hello", Damage{Junk: 2}},
	{"no padding", "SGVsbG8", "Hello", Damage{Truncated: true}},
	{"one digit too many", "SGVsS", "Hel", Damage{Truncated: true}},
	{"padding in the middle: each line by itself", "SGVs\nbG8=\nISE=", "Hello!!", Damage{}},
	{"padding only", "====", "", Damage{}},
	{"empty", "", "", Damage{}},
	{"text behind it", "SGVsbG8=\n-- \nlist", "Hello\x96+-", Damage{Junk: 2, Truncated: false}},
}

func TestBase64(t *testing.T) {
	for _, c := range base64Tests {
		got, d := Base64(nil, []byte(c.in), 1000)
		if string(got) != c.want || d != c.damage {
			t.Errorf("%s: %q %+v, want %q %+v", c.name, got, d, c.want, c.damage)
		}
	}
	got, d := Base64([]byte("x"), []byte("SGVsbG8gdGhlcmU="), 6)
	if string(got) != "xHello " || !d.Cut {
		t.Errorf("limit: %q %+v", got, d)
	}
	if got, d := Base64(nil, []byte("SGVs\n"), 3); string(got) != "Hel" || d.Cut {
		t.Errorf("exactly the limit: %q %+v", got, d)
	}
}

func TestQuoted(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		damage         Damage
	}{
		{"plain", "Hello\r\n", "Hello\r\n", Damage{}},
		{"escapes", "a=3Db=e3", "a=b\xe3", Damage{}},
		{"soft line breaks", "a=\r\nb=\nc=  \nd", "abcd", Damage{}},
		{"broken escape is kept", "a=ZZ", "a=ZZ", Damage{Junk: 1}},
		{"cut escape is kept", "a=3", "a=3", Damage{Junk: 1, Truncated: true}},
		{"equals sign at the end", "a=", "a", Damage{}},
		{"escapes in a row", "=41=42=\n=43", "ABC", Damage{}},
	} {
		got, d := Quoted(nil, []byte(c.in), 1000)
		if string(got) != c.want || d != c.damage {
			t.Errorf("%s: %q %+v, want %q %+v", c.name, got, d, c.want, c.damage)
		}
	}
	if got, d := Quoted(nil, []byte("abc=41def"), 5); string(got) != "abcAd" || !d.Cut {
		t.Errorf("limit: %q %+v", got, d)
	}
}

func TestUUEncoded(t *testing.T) {
	got, d := UUEncoded(nil, []byte("text\nbegin 644 x\n#0V%T\n`\nend\nmore"), 100)
	if string(got) != "Cat" || d.Truncated {
		t.Errorf("%q %+v", got, d)
	}
	if _, d := UUEncoded(nil, []byte("begin 644 x\n#0V"), 100); !d.Truncated {
		t.Error("a cut file is not seen")
	}
}

func TestWordAndPercent(t *testing.T) {
	if got := string(Word("a_b=3Dc=Z")); got != "a b=c=Z" {
		t.Errorf("%q", got)
	}
	if got := string(Percent("a%41%4%zz%42")); got != "aA%4%zzB" {
		t.Errorf("%q", got)
	}
}

// FuzzBase64: clean data decodes as the standard library does; nothing exceeds its limit; Base64Size and Cut agree.
func FuzzBase64(f *testing.F) {
	for _, c := range base64Tests {
		f.Add([]byte(c.in), 100)
	}
	f.Fuzz(func(t *testing.T, in []byte, limit int) {
		limit &= 0xfff
		got, _ := Base64(nil, in, limit)
		if len(got) > limit {
			t.Fatalf("%d bytes, limit %d", len(got), limit)
		}
		all, d := Base64(nil, in, len(in)+8)
		if !bytes.HasPrefix(all, got) {
			t.Fatalf("%q is no beginning of %q", got, all)
		}
		if want, err := base64.StdEncoding.DecodeString(string(in)); err == nil && (!bytes.Equal(all, want) || d.Truncated || d.Junk > 0) {
			t.Fatalf("%q: %q %+v, want %q", in, all, d, want)
		}
		enc := base64.StdEncoding.EncodeToString(in)
		if dec, d := Base64(nil, []byte(enc), len(in)); !bytes.Equal(dec, in) || d != (Damage{}) {
			t.Fatalf("%q does not come back: %q %+v", in, dec, d)
		}
		if n := Base64Size([]byte(enc)); n != int64(len(in)) || Cut([]byte(enc)) {
			t.Fatalf("size %d of %d", n, len(in))
		}
	})
}

// FuzzQuoted: what the standard library writes comes back; nothing exceeds its limit.
func FuzzQuoted(f *testing.F) {
	f.Add([]byte("a=3Db=\n c"), 10)
	f.Fuzz(func(t *testing.T, in []byte, limit int) {
		limit &= 0xfff
		if got, _ := Quoted(nil, in, limit); len(got) > limit {
			t.Fatalf("%d bytes, limit %d", len(got), limit)
		}
		var b strings.Builder
		w := quotedprintable.NewWriter(&b)
		w.Binary = true
		w.Write(in)
		w.Close()
		want, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(b.String())))
		if err != nil {
			t.Skip("the standard library cannot read what it wrote")
		}
		if got, d := Quoted(nil, []byte(b.String()), 2*b.Len()); !bytes.Equal(got, want) || d != (Damage{}) {
			t.Fatalf("%q: %q %+v, want %q", b.String(), got, d, want)
		}
	})
}

func FuzzUUEncoded(f *testing.F) {
	f.Add([]byte("begin 644 x\n#0V%T\n`\nend\n"), 10)
	f.Fuzz(func(t *testing.T, in []byte, limit int) {
		limit &= 0xfff
		if got, _ := UUEncoded(nil, in, limit); len(got) > limit || len(got) > 3*len(in) {
			t.Fatalf("%d bytes of %d, limit %d", len(got), len(in), limit)
		}
	})
}

func sample(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func BenchmarkBase64(b *testing.B) {
	enc := base64.StdEncoding.EncodeToString(sample(1 << 20))
	var lines bytes.Buffer
	for len(enc) > 76 {
		lines.WriteString(enc[:76] + "\r\n")
		enc = enc[76:]
	}
	src := lines.Bytes()
	dst := make([]byte, 0, len(src))
	b.Run("here", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			Base64(dst, src, len(src))
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		out := make([]byte, len(src))
		for b.Loop() {
			if _, err := base64.StdEncoding.Decode(out, src); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkQuoted(b *testing.B) {
	for _, of := range []struct{ name, line string }{
		{"text", "A line of text with =E3=81=82 in it, and a soft line break at the end =\r\n"},
		{"japanese", strings.Repeat("=E3=81=82", 8) + "=\r\n"},
		{"html", "<td style=3D\"padding:0\" class=3D\"a\"><a href=3D\"https://www.example.com/?a=3D1=\r\n"},
	} {
		b.Run(of.name, func(b *testing.B) {
			src := []byte(strings.Repeat(of.line, 10000))
			dst := make([]byte, 0, len(src))
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				Quoted(dst, src, len(src))
			}
		})
	}
}
