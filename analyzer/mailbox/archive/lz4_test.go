package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
)

// dovecotStored is text as Dovecot's zlib plugin stores it, in chunks of size bytes.
func dovecotStored(t testing.TB, text string, size int) []byte {
	t.Helper()
	out := binary.BigEndian.AppendUint32([]byte(DovecotLZ4Mark), uint32(size))
	for text != "" {
		n := min(size, len(text))
		room := make([]byte, lz4.CompressBlockBound(n))
		k, err := lz4.CompressBlock([]byte(text[:n]), room, nil)
		if err != nil || k == 0 {
			t.Fatalf("compressing: %d, %v", k, err)
		}
		out = append(binary.BigEndian.AppendUint32(out, uint32(k)), room[:k]...)
		text = text[n:]
	}
	return out
}

func readLZ4(b []byte) (string, error) {
	got, err := io.ReadAll(NewLZ4(bufio.NewReader(bytes.NewReader(b))))
	return string(got), err
}

// TestLZ4: both framings are read over several chunks; what is cut or damaged gives what could be read, and why there is no more.
func TestLZ4(t *testing.T) {
	text := strings.Repeat("Subject: a line that repeats itself\r\n", 5000)
	stored := dovecotStored(t, text, 64<<10)
	var frame bytes.Buffer
	w := lz4.NewWriter(&frame)
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"Dovecot's": stored, "a frame": frame.Bytes()} {
		if got, err := readLZ4(b); got != text || err != nil {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(text), err)
		}
		if got, err := readLZ4(b[:len(b)-3]); !strings.HasPrefix(text, got) || !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrFormat) {
			t.Errorf("%s, cut: %d bytes, %v", name, len(got), err)
		}
	}
	for name, b := range map[string]string{
		"chunks of 2 GiB":        DovecotLZ4Mark + "\x80\x00\x00\x00",
		"chunks of nothing":      DovecotLZ4Mark + "\x00\x00\x00\x00",
		"a chunk longer than it": DovecotLZ4Mark + "\x00\x01\x00\x00\x00\x02\x00\x00",
		"a chunk that is none":   DovecotLZ4Mark + "\x00\x01\x00\x00\x00\x00\x00\x03\xff\xff\xff",
	} {
		if got, err := readLZ4([]byte(b)); got != "" || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := readLZ4([]byte(DovecotLZ4Mark)); !errors.Is(err, ErrTruncated) {
		t.Errorf("nothing behind the mark: %v", err)
	}
}

func FuzzLZ4(f *testing.F) {
	f.Add(dovecotStored(f, strings.Repeat("ab", 100), 64))
	f.Add([]byte(LZ4Mark + "\x64\x40\xa7\x00\x00\x00\x00\x05\x5d\xcc\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := io.Copy(io.Discard, io.LimitReader(NewLZ4(bufio.NewReader(bytes.NewReader(b))), 16<<20)); err != nil && err.Error() == "" {
			t.Fatal("an error without a word")
		}
	})
}
