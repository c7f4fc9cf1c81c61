package fact_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// fill sets every field of v, lists with n elements, to values that differ from one another.
func fill(v reflect.Value, n int, next *int64) {
	*next++
	switch v.Interface().(type) {
	case time.Time:
		t := time.Unix(1_700_000_000+*next, 5).UTC()
		if *next%2 == 0 {
			t = t.In(time.FixedZone("", int(*next%12)*3600))
		}
		v.Set(reflect.ValueOf(t))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("文 ", *next))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(*next * 1001 * (1 - *next%2*2))
	case reflect.Uint8:
		v.SetUint(uint64(*next % 255))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n, next)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n, next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n, next)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

// Whatever the fields of a fact are, what is written is read back: here with every field set, so that a new one of a kind
// that the form does not know fails.
func TestEveryFieldComesBack(t *testing.T) {
	for n := 1; n < 4; n++ {
		want, next := new(fact.Fact), int64(n)
		fill(reflect.ValueOf(want).Elem(), n, &next)
		b, err := fact.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fact.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := asJSON(t, want), asJSON(t, got); a != b {
			t.Errorf("lists of %d\n got %s\nwant %s", n, b, a)
		}
	}
}

// TestContentIDIsReadAlone: the spool knows the content id of each fact, also behind a path that is very long.
func TestContentIDIsReadAlone(t *testing.T) {
	s, err := fact.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, path := range [][]string{nil, {"inbox"}, {"takeout.zip", strings.Repeat("p", 5000)}} {
		f := &fact.Fact{
			Key: fact.Key{Source: 1, Mailbox: 2, Offset: 3}, Location: evidence.Location{Source: 1, Path: path, Offset: 1 << 40, Length: 7},
			SHA256: evidence.Digest{1}, Content: evidence.Digest{0xab, 7: 0xcd, 8: 0xef}, Subject: "x",
		}
		b, err := fact.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		if pos, err := s.AppendFact(b); err != nil || s.ContentID(pos) != 0xab000000000000cd {
			t.Errorf("path %d: %x, %v", i, s.ContentID(pos), err)
		}
		if _, err := s.AppendFact(b[:20]); err == nil {
			t.Errorf("path %d: a cut fact was taken", i)
		}
	}
}

// An empty fact and one with gaps come back as they are, empty lists as nil.
func TestGapsComeBack(t *testing.T) {
	yes := true
	for _, f := range []*fact.Fact{
		{},
		{From: []finding.Address{{}}, To: []finding.Address{}, Read: &finding.Read{Seen: &yes}},
		{Date: &fact.Date{Time: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}, Trace: make([]fact.Hop, 1000)},
		{Subject: strings.Repeat("長い件名", 100_000), FromFields: -1},
	} {
		b, err := fact.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fact.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.To) == 0 {
			f.To = nil
		}
		if !reflect.DeepEqual(f, got) {
			t.Errorf("got %+v\nwant %+v", got, f)
		}
	}
}

// A time that the record stream could not hold must not get as far as the stream: it would end the whole scan.
func TestImpossibleYearIsNoFact(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 0, 0, time.FixedZone("", -5*3600)), // already 10000 in UTC
	} {
		if _, err := fact.Encode(&fact.Fact{Date: &fact.Date{Time: at}}); err == nil {
			t.Errorf("%v was taken", at)
		}
	}
}

// A cut spool is damage, never half a fact.
func TestCutFactIsDamaged(t *testing.T) {
	f, next := new(fact.Fact), int64(0)
	fill(reflect.ValueOf(f).Elem(), 2, &next)
	b, err := fact.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, err := fact.Decode(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken for a fact", n, len(b))
		}
	}
	if _, err := fact.Decode(append(b, 0)); err == nil {
		t.Error("a fact with something behind it was taken")
	}
}

// Length fields of a damaged spool must not allocate without end.
func TestDamageDoesNotAllocate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 4096).Draw(t, "bytes")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = fact.Decode(b)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Fatalf("%d bytes allocated for %d", n, len(b))
		}
	})
}

// FuzzDecode reads damaged facts: what is taken is written and read back as the same.
func FuzzDecode(f *testing.F) {
	for n := range 3 {
		v, next := new(fact.Fact), int64(n)
		fill(reflect.ValueOf(v).Elem(), n, &next)
		b, err := fact.Encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := fact.Decode(b)
		if err != nil {
			return
		}
		again, err := fact.Encode(v)
		if err != nil {
			return // a time outside the years 0 to 9999
		}
		w, err := fact.Decode(again)
		if err != nil || !reflect.DeepEqual(v, w) {
			t.Fatalf("%v\nfirst  %+v\nsecond %+v", err, v, w)
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
