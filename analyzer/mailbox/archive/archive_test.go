package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
	"pgregory.net/rapid"
)

// TestZipAgrees: by directory and forward, a zip has the members that the standard library finds, whatever the method.
func TestZipAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		n := rapid.IntRange(0, 5).Draw(t, "members")
		want := map[string]string{}
		for i := range n {
			name := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "name") + string(rune('0'+i))
			data := strings.Repeat(rapid.StringMatching(`[ -~\n]{0,40}|PK\x07\x08abcd`).Draw(t, "data"), rapid.IntRange(0, 3000).Draw(t, "times"))
			f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: rapid.SampledFrom([]uint16{zip.Store, zip.Deflate}).Draw(t, "method")})
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(f, data)
			want[name] = data
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		junk := rapid.SampledFrom([]string{"", "MZ junk before the archive"}).Draw(t, "junk")
		data := append([]byte(junk), b.Bytes()...)
		at := bytes.NewReader(data)
		z, err := OpenZip(at, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		var inflate Inflater
		for {
			m, err := z.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			off, err := z.Data(m)
			if err != nil {
				t.Fatal(err)
			}
			inflate.Open(m, io.NewSectionReader(at, off, m.Stored))
			compare(t, m, want)
			found++
		}
		if found != n {
			t.Fatalf("%d members by the directory, want %d", found, n)
		}
		fw := NewForward(bytes.NewReader(b.Bytes()))
		for found = 0; ; found++ {
			m, err := fw.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if found%2 == 0 {
				compare(t, m, want)
			}
		}
		if found != n || fw.Garbage != 0 {
			t.Fatalf("%d members forward and %d bytes of garbage, want %d", found, fw.Garbage, n)
		}
	})
}

func compare(t *rapid.T, m *Member, want map[string]string) {
	if m.Problem != nil {
		t.Fatalf("%s: %v", m.Name, m.Problem)
	}
	got, err := io.ReadAll(m.Reader)
	if err != nil || string(got) != want[m.Name] {
		t.Fatalf("%s: %d bytes, %v, want %d", m.Name, len(got), err, len(want[m.Name]))
	}
}

// TestZip64: sizes and offsets beyond 32 bits stand in an extra field, and in records of their own.
func TestZip64(t *testing.T) {
	const name, data = "a.mbox", "From ann\n"
	le := binary.LittleEndian
	extra := le.AppendUint16(nil, 1)
	extra = le.AppendUint16(extra, 24)
	for _, v := range []uint64{uint64(len(data)), uint64(len(data)), 0} {
		extra = le.AppendUint64(extra, v)
	}
	crc := crc32.ChecksumIEEE([]byte(data))
	local := le.AppendUint32(nil, sigLocal)
	local = append(local, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	local = le.AppendUint32(local, crc)
	local = append(local, bytes.Repeat([]byte{0xff}, 8)...)
	local = le.AppendUint16(local, uint16(len(name)))
	local = le.AppendUint16(local, 20)
	local = append(local, name...)
	local = append(local, extra[:2]...)
	local = append(le.AppendUint16(local, 16), extra[4:20]...)
	local = append(local, data...)
	dir := le.AppendUint32(nil, sigCentral)
	dir = append(dir, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	dir = le.AppendUint32(dir, crc)
	dir = append(dir, bytes.Repeat([]byte{0xff}, 8)...)
	dir = le.AppendUint16(dir, uint16(len(name)))
	dir = le.AppendUint16(dir, uint16(len(extra)))
	dir = append(dir, make([]byte, 10)...)
	dir = append(dir, 0xff, 0xff, 0xff, 0xff)
	dir = append(append(dir, name...), extra...)
	end := le.AppendUint32(nil, sigEnd64)
	end = le.AppendUint64(end, 44)
	end = append(end, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []int{1, 1, len(dir), len(local)} {
		end = le.AppendUint64(end, uint64(v))
	}
	end = le.AppendUint32(end, sigEnd64Locate)
	end = le.AppendUint64(append(end, 0, 0, 0, 0), uint64(len(local)+len(dir)))
	end = le.AppendUint32(end, 1)
	end = le.AppendUint32(end, sigEnd)
	end = append(append(end, 0, 0, 0, 0), bytes.Repeat([]byte{0xff}, 12)...)
	end = append(end, 0, 0)
	all := append(append(local, dir...), end...)
	z, err := OpenZip(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := z.Next()
	if err != nil {
		t.Fatal(err)
	}
	off, err := z.Data(m)
	if err != nil {
		t.Fatal(err)
	}
	new(Inflater).Open(m, io.NewSectionReader(bytes.NewReader(all), off, m.Stored))
	if got, err := io.ReadAll(m.Reader); err != nil || string(got) != data || m.Name != name {
		t.Errorf("%s: %q, %v", m.Name, got, err)
	}
}

func xzOf(t testing.TB, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXz(t *testing.T) {
	text := strings.Repeat("hello, world\n", 20000)
	one := xzOf(t, text)
	huge := bytes.Clone(one)
	i := bytes.IndexByte(huge[12:], 0x21) + 12
	huge[i+2] = 40 // a dictionary of 4 GiB
	head := huge[12 : 12+(int(huge[12])+1)*4]
	binary.LittleEndian.PutUint32(head[len(head)-4:], crc32.ChecksumIEEE(head[:len(head)-4]))
	flipped := bytes.Clone(one)
	flipped[len(flipped)/2] ^= 4
	for _, c := range []struct {
		why  string
		data []byte
		want string
		err  error
	}{
		{"one stream", one, text, nil},
		{"two streams with padding between them", append(append(bytes.Clone(one), 0, 0, 0, 0), one...), text + text, nil},
		{"nothing in it", xzOf(t, ""), "", nil},
		{"cut off", one[:len(one)/2], "", ErrTruncated},
		{"a dictionary of 4 GiB", huge, "", ErrMemory},
		{"a flipped bit", flipped, "", errAny},
		{"no xz", []byte("hello, world"), "", ErrFormat},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := io.ReadAll(NewXz(bytes.NewReader(c.data)))
		runtime.ReadMemStats(&after)
		switch {
		case c.err == nil && (err != nil || string(got) != c.want), errors.Is(c.err, errAny) && err == nil, c.err != nil && !errors.Is(c.err, errAny) && !errors.Is(err, c.err):
			t.Errorf("%s: %d bytes, %v", c.why, len(got), err)
		case after.TotalAlloc-before.TotalAlloc > 64<<20:
			t.Errorf("%s: allocates %d bytes", c.why, after.TotalAlloc-before.TotalAlloc)
		}
	}
}

var errAny = errors.New("any")

func FuzzXz(f *testing.F) {
	f.Add(xzOf(f, "hello"))
	f.Add(xzOf(f, strings.Repeat("hello", 1000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := io.Copy(io.Discard, io.LimitReader(NewXz(bytes.NewReader(data)), 1<<20))
		if err == nil && n > 0 && !bytes.HasPrefix(data, []byte(xzMagic)) {
			t.Fatalf("%q inflates to %d bytes", data, n)
		}
	})
}

func FuzzForward(f *testing.F) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	z, _ := w.Create("a")
	io.WriteString(z, strings.Repeat("hello", 100))
	w.Close()
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:60])
	f.Fuzz(func(t *testing.T, data []byte) {
		fw := NewForward(bytes.NewReader(data))
		for n := 0; ; n++ {
			m, err := fw.Next()
			if err != nil {
				break
			}
			if n > len(data)/lenLocal {
				t.Fatalf("%d members in %d bytes", n, len(data))
			}
			if m.Reader != nil {
				io.Copy(io.Discard, io.LimitReader(m.Reader, 1<<20))
			}
		}
	})
}

// TestZstdWindow: a frame that asks for a window beyond what is held is refused with what to do, one within it is read.
func TestZstdWindow(t *testing.T) {
	for _, c := range []struct {
		why    string
		window byte // RFC 8878 §3.1.1.1.2: exponent above 10 in the upper five bits
		err    error
	}{{"128 MiB", 17 << 3, nil}, {"256 MiB", 18 << 3, ErrMemory}, {"3.75 TiB", 0xff, ErrMemory}} {
		frame := append([]byte("\x28\xb5\x2f\xfd\x00"), c.window, 5<<3|1, 0, 0)
		z, err := NewZstd(bytes.NewReader(append(frame, "hello"...)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		z.Close()
		if !errors.Is(err, c.err) || c.err == nil && string(got) != "hello" {
			t.Errorf("%s: %q, %v", c.why, got, err)
		}
		if c.err != nil && !strings.Contains(err.Error(), "zstd -d") {
			t.Errorf("%s: %v does not say what to do", c.why, err)
		}
	}
}
