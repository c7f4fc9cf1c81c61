package fact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
)

// The form in which a fact stands on the spool: the lengths of its first and its last part, and three parts, which are stored
// apart from one another where facts are kept (Split). These are most of the fields, the two digests, and the links.
//
// Every fact is written once and read twice, a million of them in a large mailbox, so the form is made to be read fast: the
// fields in their order without names; integers as varints, strings and lists behind their length, pointers behind a
// byte that reports whether they are set, times as second, nanosecond and offset. It is made from the types themselves, so
// a new field needs no code. An empty list is read back as nil. There is no version in it: Form tells apart what other
// types wrote.

// coder writes and reads the values of one type.
type coder struct {
	write func(b []byte, v reflect.Value) ([]byte, error)
	read  func(r *reader, v reflect.Value)
	least int    // bytes that the shortest value takes
	form  string // names of fields and kinds
}

// factCoder is the coder of Fact.
var factCoder = coderOf(reflect.TypeFor[Fact]())

// Form names the form of the fields of encoded facts: what was written under another form cannot be decoded. A change of
// the form of links, or of the order of the three parts, is a change of Version.
func Form() string { return factCoder.form }

// apart is what the tag "form" of a field says that is not written in its place: see Encode.
const apart = "apart"

// Encode gives the form in which a fact is appended. It is apart from AppendFact so that workers can do it. Times
// outside the years 0 to 9999 are an error: the record stream cannot hold them.
func Encode(f *Fact) ([]byte, error) {
	fields, err := factCoder.write(make([]byte, 0, 4096), reflect.ValueOf(f).Elem())
	if err != nil {
		return nil, err
	}
	return Join(fields, slices.Concat(f.SHA256[:], f.Content[:]), f.Links), nil
}

// DigestBytes is the length of a fact's two digests, SHA256 and Content.
const DigestBytes = 2 * len(evidence.Digest{})

// Join is an encoded fact made of its three parts.
func Join[L []byte | Links](fields, digests []byte, links L) []byte {
	b := make([]byte, 0, 2*binary.MaxVarintLen64+len(fields)+len(digests)+len(links))
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(len(fields))), uint64(len(links)))
	return append(append(append(b, fields...), digests...), links...)
}

// Split takes an encoded fact apart into what packs well beside its like: the fields repeat themselves from fact to fact,
// digests do not, and what differs in links are tokens, which are of few characters. The parts are pieces of it. A fact
// that is longer or shorter than it says is damaged.
func Split[T string | []byte](encoded T) (fields, digests, links T, err error) {
	lengths := []byte(encoded[:min(len(encoded), 2*binary.MaxVarintLen64)])
	nf, a := binary.Uvarint(lengths)
	nl, b := binary.Uvarint(lengths[max(a, 0):])
	if a <= 0 || b <= 0 {
		return fields, digests, links, errDamaged
	}
	rest := encoded[a+b:]
	if left := uint64(len(rest)); nf > left || nl > left || nf+nl+uint64(DigestBytes) != left {
		return fields, digests, links, errDamaged
	}
	return rest[:nf], rest[nf : nf+uint64(DigestBytes)], rest[nf+uint64(DigestBytes):], nil
}

// Decode reads what Encode wrote. The strings of the fact share memory with one another.
func Decode(b []byte) (*Fact, error) { return decodeString(string(b)) }

func decodeString(s string) (*Fact, error) {
	fields, digests, links, err := Split(s)
	if err != nil {
		return nil, err
	}
	r := &reader{s: fields}
	f := new(Fact)
	factCoder.read(r, reflect.ValueOf(f).Elem())
	if r.failed || r.at != len(r.s) {
		return nil, errDamaged
	}
	copy(f.SHA256[:], digests)
	copy(f.Content[:], digests[len(f.SHA256):])
	f.Links = Links(links)
	return f, nil
}

// ContentID is the first eight bytes of a content digest, big endian: what the id of a message shows (MessageID).
func ContentID(d evidence.Digest) uint64 { return binary.BigEndian.Uint64(d[:8]) }

// contentID is ContentID of an encoded fact, without reading the rest of it.
func contentID(encoded []byte) (uint64, error) {
	_, digests, _, err := Split(encoded)
	if err != nil {
		return 0, err
	}
	return ContentID(evidence.Digest(digests[DigestBytes/2:])), nil
}

var errDamaged = errors.New("damaged fact")

// reader reads an encoded value. After a failure it reads zeros.
type reader struct {
	s      string
	at     int
	failed bool
}

func (r *reader) fail() {
	r.failed, r.at = true, len(r.s)
}

func (r *reader) uint() uint64 {
	var v uint64
	for shift := 0; shift < 64 && r.at < len(r.s); shift += 7 {
		c := r.s[r.at]
		r.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	r.fail()
	return 0
}

func (r *reader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads the length of something whose elements take at least so many bytes each.
func (r *reader) count(least int) int {
	n := r.uint()
	if n > uint64((len(r.s)-r.at)/max(least, 1)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) bytes(n int) string {
	if n > len(r.s)-r.at {
		r.fail()
		return ""
	}
	s := r.s[r.at : r.at+n]
	r.at += n
	return s
}

var timeType = reflect.TypeFor[time.Time]()

// coderOf makes the coder of a type. A type that it does not know is a mistake in this package.
func coderOf(t reflect.Type) coder {
	switch {
	case t == timeType:
		return coder{writeTime, readTime, 1, "time"}
	case t.Kind() == reflect.String:
		return coder{
			func(b []byte, v reflect.Value) ([]byte, error) {
				s := v.String()
				return append(binary.AppendUvarint(b, uint64(len(s))), s...), nil
			},
			func(r *reader, v reflect.Value) {
				if n := r.count(1); n > 0 {
					v.SetString(r.bytes(n))
				}
			}, 1, "string",
		}
	case t.Kind() == reflect.Bool:
		return coder{
			func(b []byte, v reflect.Value) ([]byte, error) { return append(b, flag(v.Bool())), nil },
			func(r *reader, v reflect.Value) { v.SetBool(r.uint() == 1) }, 1, "bool",
		}
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return coder{
			func(b []byte, v reflect.Value) ([]byte, error) { return binary.AppendVarint(b, v.Int()), nil },
			func(r *reader, v reflect.Value) { v.SetInt(r.int()) }, 1, "int",
		}
	case t.Kind() == reflect.Array && t.Elem().Kind() == reflect.Uint8:
		n := t.Len()
		return coder{
			func(b []byte, v reflect.Value) ([]byte, error) {
				at := len(b)
				b = append(b, make([]byte, n)...)
				reflect.Copy(reflect.ValueOf(b[at:]), v)
				return b, nil
			},
			func(r *reader, v reflect.Value) { reflect.Copy(v, reflect.ValueOf([]byte(r.bytes(n)))) }, n, fmt.Sprintf("bytes%d", n),
		}
	case t.Kind() == reflect.Slice:
		return sliceCoder(t, coderOf(t.Elem()))
	case t.Kind() == reflect.Pointer:
		return pointerCoder(t, coderOf(t.Elem()))
	case t.Kind() == reflect.Struct:
		return structCoder(t)
	}
	panic("fact: no form for " + t.String())
}

func sliceCoder(t reflect.Type, elem coder) coder {
	return coder{
		func(b []byte, v reflect.Value) (_ []byte, err error) {
			n := v.Len()
			b = binary.AppendUvarint(b, uint64(n))
			for i := range n {
				if b, err = elem.write(b, v.Index(i)); err != nil {
					return b, err
				}
			}
			return b, nil
		},
		func(r *reader, v reflect.Value) {
			n := r.count(elem.least)
			if n == 0 {
				return
			}
			v.Set(reflect.MakeSlice(t, n, n))
			for i := range n {
				elem.read(r, v.Index(i))
			}
		}, 1, "[" + elem.form + "]",
	}
}

func pointerCoder(t reflect.Type, elem coder) coder {
	return coder{
		func(b []byte, v reflect.Value) ([]byte, error) {
			if v.IsNil() {
				return append(b, 0), nil
			}
			return elem.write(append(b, 1), v.Elem())
		},
		func(r *reader, v reflect.Value) {
			if r.uint() == 1 {
				p := reflect.New(t.Elem())
				elem.read(r, p.Elem())
				v.Set(p)
			}
		}, 1, "*" + elem.form,
	}
}

func structCoder(t reflect.Type) coder {
	type field struct {
		coder
		index int
	}
	var fields []field
	least, form := 0, "{"
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("form") == apart {
			continue
		}
		f := field{coderOf(t.Field(i).Type), i}
		least += f.least
		form += t.Field(i).Name + " " + f.form + ";"
		fields = append(fields, f)
	}
	return coder{
		func(b []byte, v reflect.Value) (_ []byte, err error) {
			for i := range fields {
				if b, err = fields[i].write(b, v.Field(fields[i].index)); err != nil {
					return b, fmt.Errorf("%s: %w", t.Field(fields[i].index).Name, err)
				}
			}
			return b, nil
		},
		func(r *reader, v reflect.Value) {
			for i := range fields {
				fields[i].read(r, v.Field(fields[i].index))
			}
		}, least, form + "}",
	}
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// writeTime writes 0 for the zero time, else 1, the Unix second, the nanosecond and the seconds east of UTC.
func writeTime(b []byte, v reflect.Value) ([]byte, error) {
	t := v.Interface().(time.Time)
	if t.IsZero() {
		return append(b, 0), nil
	}
	if y := t.UTC().Year(); y < 0 || y > 9999 {
		return b, fmt.Errorf("the year %d cannot be kept", y)
	}
	_, offset := t.Zone()
	b = binary.AppendVarint(append(b, 1), t.Unix())
	b = binary.AppendUvarint(b, uint64(t.Nanosecond()))
	return binary.AppendVarint(b, int64(offset)), nil
}

func readTime(r *reader, v reflect.Value) {
	if r.uint() != 1 {
		return
	}
	t := time.Unix(r.int(), int64(r.uint()%1e9)).UTC()
	if offset := r.int(); offset != 0 {
		t = t.In(time.FixedZone("", int(offset)))
	}
	v.Set(reflect.ValueOf(t))
}
