// Package evidence says where bytes are and what they hash to.
//
// Everything mailaudit claims points at bytes that anybody can find again: a Location is the path of a source, the
// members inside it, and a byte range; a Digest is the SHA-256 of those bytes. Names come from file systems and
// archives and need not be UTF-8: EscapeName makes them valid and UnescapeName gives the bytes back.
package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Location is where a message's bytes are.
type Location struct {
	// Source is the index of the source among those the user named, from 0.
	Source int `json:"source,omitempty"`
	// Path is the file's path below what the user named (its base name where the user named the file itself), with
	// forward slashes, then the name of each archive member inside it. Names are escaped by EscapeName.
	Path []string `json:"path"`
	// Offset is the byte offset of the message inside the last element of Path, after inflation. In an mbox it points
	// behind the From_ line.
	Offset int64 `json:"offset"`
	// Length is the message's length in bytes as stored.
	Length int64 `json:"length"`
}

// String shows a location as path!member@offset. It is for people; it is not escaped for terminals.
func (l Location) String() string {
	return strings.Join(l.Path, "!") + "@" + strconv.FormatInt(l.Offset, 10)
}

// Compare orders locations by source, path elements and offset.
func (l Location) Compare(o Location) int {
	if l.Source != o.Source {
		return l.Source - o.Source
	}
	for i := 0; i < len(l.Path) && i < len(o.Path); i++ {
		if c := strings.Compare(l.Path[i], o.Path[i]); c != 0 {
			return c
		}
	}
	if len(l.Path) != len(o.Path) {
		return len(l.Path) - len(o.Path)
	}
	switch {
	case l.Offset < o.Offset:
		return -1
	case l.Offset > o.Offset:
		return 1
	}
	return 0
}

// Digest is a SHA-256. The zero value means "not hashed".
type Digest [sha256.Size]byte

// Sum hashes b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// String is the digest in 64 lower-case hex digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether nothing was hashed.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText writes 64 hex digits, or nothing for the zero value.
func (d Digest) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Digest{}
		return nil
	}
	if len(b) != 2*len(d) {
		return fmt.Errorf("evidence: digest of %d digits, want %d", len(b), 2*len(d))
	}
	if _, err := hex.Decode(d[:], b); err != nil {
		return fmt.Errorf("evidence: digest: %w", err)
	}
	return nil
}

// EscapeName makes a file or member name valid UTF-8 without control characters, reversibly: a backslash becomes
// `\\`, and every byte that is no UTF-8 or belongs to a control character becomes `\xHH`.
func EscapeName(name string) string {
	clean := true
	for _, r := range name {
		if r == utf8.RuneError || r == '\\' || r < 0x20 || r >= 0x7f && r < 0xa0 {
			clean = false
			break
		}
	}
	if clean {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == utf8.RuneError && n <= 1, r < 0x20, r >= 0x7f && r < 0xa0:
			for _, c := range []byte(name[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteString(name[i : i+n])
		}
		i += n
	}
	return b.String()
}

// UnescapeName gives back the name that EscapeName was given. Text that EscapeName cannot have written is kept as it is.
func UnescapeName(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if s[i+1] == '\\' {
				b.WriteByte('\\')
				i++
				continue
			}
			if s[i+1] == 'x' && i+3 < len(s) {
				if v, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
					b.WriteByte(byte(v))
					i += 3
					continue
				}
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
