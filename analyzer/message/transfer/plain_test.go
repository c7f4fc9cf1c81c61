package transfer

import (
	"bytes"
	"testing"
)

// plainQuoted is Quoted as one would write it without a thought of speed: byte by byte.
func plainQuoted(src []byte, limit int) ([]byte, Damage) {
	var out []byte
	var d Damage
	for i := 0; i < len(src); {
		n, write := 1, src[i:i+1]
		if src[i] == '=' {
			switch soft := softBreak(src[i:]); {
			case i+2 < len(src) && hex(src[i+1]) != notHex && hex(src[i+2]) != notHex:
				n, write = 3, []byte{hex(src[i+1])<<4 | hex(src[i+2])}
			case soft > 0:
				n, write = soft, nil
			}
		}
		if len(out) == limit {
			d.Cut = true
			return out, d
		}
		if src[i] == '=' && n == 1 && write != nil {
			d.Junk++
			d.Truncated = d.Truncated || len(src)-i < 3
		}
		out = append(out, write...)
		i += n
	}
	return out, d
}

// FuzzQuotedPlain holds Quoted to the plain reading, at every limit.
func FuzzQuotedPlain(f *testing.F) {
	for _, s := range []string{
		"", "=", "a=", "=3", "=3D", "a=3Db=\n c", "=E3=81=82=\r\n=E3", "x=zz=4", "= \t\r\nx", "==3D", "a=41=4b=4B=\rb", "=\n=\n", "ab=41c=42d",
	} {
		f.Add([]byte(s), 100)
		f.Add([]byte(s), 2)
	}
	f.Fuzz(func(t *testing.T, src []byte, limit int) {
		limit &= 0xff
		got, d := Quoted(nil, src, limit)
		want, w := plainQuoted(src, limit)
		if !bytes.Equal(got, want) || d != w {
			t.Fatalf("%q, limit %d: %q %+v, want %q %+v", src, limit, got, d, want, w)
		}
		before := []byte("before")
		if more, _ := Quoted(before, src, limit); !bytes.Equal(more, append(before, want...)) {
			t.Fatalf("%q behind %q: %q", src, before, more)
		}
	})
}
