package finding

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"sync"
)

// MaxLine is the longest line a stream may have, in bytes. A message record holds at most a few thousand links, subjects
// and addresses cut at the header limit; 32 MiB is far above what the analyzer writes and far below what hurts.
const MaxLine = 32 << 20

// Errors of Open.
var (
	ErrNotFindings = errors.New("finding: not a findings stream")
	ErrProtocol    = errors.New("finding: unknown version of the stream")
	ErrLine        = errors.New("finding: line cannot be read")
)

// Reader gives a stream by kind. *File reads one from disk; a printer may wrap it to show the records changed, which is
// how redaction reaches every format.
type Reader interface {
	Config() *Config
	Summary() *Summary
	Sources() []*Source
	Profile() *Profile
	Attention() []*Attention
	Incidents() []*Incident
	Series() []*Series
	Ledger() []*Ledger
	Rules() []*Rule
	// Len is the number of message records.
	Len() int
	// Message returns message number i, from 0 in the order of the stream.
	Message(i int) (*Message, error)
	// Index returns the number of the message with an id.
	Index(id string) (i int, ok bool)
	// Messages calls visit for every message in order and stops at the first error, which it returns.
	Messages(visit func(i int, m *Message) error) error
	// ProblemCount is the number of problem records.
	ProblemCount() int
	// Problems calls visit for every problem in order and stops at the first error, which it returns.
	Problems(visit func(*Problem) error) error
}

// File is a saved stream, read by index. Of messages and problems only offsets are held: 24 bytes a message. Keys and
// kinds it does not know are passed over. A File may be read from several goroutines at once for as long as its source is
// open, where the source can be.
type File struct {
	src  io.ReaderAt
	size int64

	config    *Config
	summary   *Summary
	sources   []*Source
	profile   *Profile
	attention []*Attention
	incidents []*Incident
	series    []*Series
	ledger    []*Ledger
	rules     []*Rule

	messages []extent
	problems []extent
	ids      []idEntry // sorted by hash

	lines sync.Pool // of *[]byte, to read lines into
}

// keptLine is how long a buffer for lines may be to be used again, in bytes: few lines are longer than some kilobytes.
const keptLine = 1 << 20

// extent is where a line is.
type extent struct {
	offset int64
	length int32
}

type idEntry struct {
	hash  uint64
	index int32
}

var _ Reader = (*File)(nil)

// Open indexes the stream of size bytes in src in one pass. It fails on a stream without a config record (ErrNotFindings),
// of another protocol (ErrProtocol), and on a line that is longer than MaxLine or no record (ErrLine, with its number).
func Open(src io.ReaderAt, size int64) (*File, error) {
	f := &File{src: src, size: size, summary: &Summary{}, profile: &Profile{}}
	r := bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 1<<16)
	var offset int64
	for number := 1; ; number++ {
		line, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read findings, line %d: %w", number, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if aerr := f.add(line, offset); aerr != nil {
				return nil, fmt.Errorf("read findings, line %d: %w", number, aerr)
			}
		}
		offset += int64(len(line))
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if f.config == nil {
		return nil, ErrNotFindings
	}
	slices.SortFunc(f.ids, func(a, b idEntry) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.index - b.index)
	})
	return f, nil
}

// readLine returns the next line with its end. At the end of input it returns what is left and io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := slices.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		if len(long)+len(line) > MaxLine {
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrLine, MaxLine)
		}
		long = append(long, line...)
	}
	return long, err
}

// add indexes one line.
func (f *File) add(line []byte, offset int64) error {
	kind, id, err := peek(line)
	if err != nil {
		return err
	}
	if f.config == nil && kind != KindConfig && kind != "" {
		return ErrNotFindings
	}
	at := extent{offset, int32(len(line))}
	switch kind {
	case KindMessage:
		f.ids = append(f.ids, idEntry{hashID(id), int32(len(f.messages))})
		f.messages = append(f.messages, at)
		return nil
	case KindProblem:
		f.problems = append(f.problems, at)
		return nil
	}
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("%w: %w", ErrLine, err)
	}
	switch {
	case r.Config != nil:
		if r.Config.Protocol != Protocol {
			return fmt.Errorf("%w: %q, this program reads %q", ErrProtocol, r.Config.Protocol, Protocol)
		}
		f.config = r.Config
	case r.Summary != nil:
		f.summary = r.Summary
	case r.Source != nil:
		f.sources = append(f.sources, r.Source)
	case r.Profile != nil:
		f.profile = r.Profile
	case r.Attention != nil:
		f.attention = append(f.attention, r.Attention)
	case r.Incident != nil:
		f.incidents = append(f.incidents, r.Incident)
	case r.Series != nil:
		f.series = append(f.series, r.Series)
	case r.Ledger != nil:
		f.ledger = append(f.ledger, r.Ledger)
	case r.Rule != nil:
		f.rules = append(f.rules, r.Rule)
	}
	return nil
}

// messageHead is how every message line written by Writer begins.
var messageHead = []byte(`{"message":{"id":"`)

// peek tells the kind of a line, and of a message its id, without decoding more than needed.
func peek(line []byte) (Kind, string, error) {
	if rest, ok := bytes.CutPrefix(line, messageHead); ok {
		if i := bytes.IndexAny(rest, `"\`); i >= 0 && rest[i] == '"' {
			return KindMessage, string(rest[:i]), nil
		}
	}
	var keys map[Kind]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrLine, err)
	}
	var kind Kind
	for k := range keys {
		if order[k] == 0 {
			continue // of a later version
		}
		if kind != "" {
			return "", "", fmt.Errorf("%w: both %s and %s", ErrLine, min(kind, k), max(kind, k))
		}
		kind = k
	}
	if kind != KindMessage {
		return kind, "", nil
	}
	var m struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(keys[kind], &m); err != nil {
		return "", "", fmt.Errorf("%w: message: %w", ErrLine, err)
	}
	return kind, m.ID, nil
}

func hashID(id string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, id)
	return h.Sum64()
}

// Size is the size of the stream in bytes.
func (f *File) Size() int64 { return f.size }

// Source is the stream itself.
func (f *File) Source() io.ReaderAt { return f.src }

// Config says what made the stream.
func (f *File) Config() *Config { return f.config }

// Summary is never nil; it is empty where the stream has none, as one cut short may.
func (f *File) Summary() *Summary { return f.summary }

// Sources are what the user named.
func (f *File) Sources() []*Source { return f.sources }

// Profile is never nil.
func (f *File) Profile() *Profile { return f.profile }

// Attention lists the attention items by rank.
func (f *File) Attention() []*Attention { return f.attention }

// Incidents lists the incidents.
func (f *File) Incidents() []*Incident { return f.incidents }

// Series lists the statement series.
func (f *File) Series() []*Series { return f.series }

// Ledger lists the lines of Amazon's records and of card statements.
func (f *File) Ledger() []*Ledger { return f.ledger }

// Rules lists the rules of the decision table that the stream refers to.
func (f *File) Rules() []*Rule { return f.rules }

// Len is the number of messages.
func (f *File) Len() int { return len(f.messages) }

// ProblemCount is the number of problems.
func (f *File) ProblemCount() int { return len(f.problems) }

// Message reads message number i, counted from 0.
func (f *File) Message(i int) (*Message, error) {
	if i < 0 || i >= len(f.messages) {
		return nil, fmt.Errorf("finding: no message %d among %d", i, len(f.messages))
	}
	at := f.messages[i]
	line, _ := f.lines.Get().(*[]byte)
	if line == nil {
		line = new([]byte)
	}
	*line = slices.Grow((*line)[:0], int(at.length))[:at.length]
	if n, err := f.src.ReadAt(*line, at.offset); n < len(*line) {
		return nil, fmt.Errorf("read message %d: %w", i, err)
	}
	m, err := decodeMessage(*line)
	if cap(*line) <= keptLine {
		f.lines.Put(line)
	}
	return m, err
}

// Index returns the number of the message with an id; of several, the first.
func (f *File) Index(id string) (int, bool) {
	h := hashID(id)
	at, _ := slices.BinarySearchFunc(f.ids, h, func(e idEntry, h uint64) int {
		switch {
		case e.hash < h:
			return -1
		case e.hash > h:
			return 1
		}
		return 0
	})
	for ; at < len(f.ids) && f.ids[at].hash == h; at++ {
		i := int(f.ids[at].index)
		// Different ids may share a hash only by chance or by design; the record decides.
		if m, err := f.Message(i); err == nil && m.ID == id {
			return i, true
		}
	}
	return 0, false
}

// ByID reads the message with an id; nil where there is none.
func (f *File) ByID(id string) (*Message, error) {
	i, ok := f.Index(id)
	if !ok {
		return nil, nil
	}
	return f.Message(i)
}

// Messages calls visit for every message in order. It reads the stream once, forward.
func (f *File) Messages(visit func(i int, m *Message) error) error {
	i := 0
	return f.each(f.messages, func(line []byte) error {
		m, err := decodeMessage(line)
		if err != nil {
			return fmt.Errorf("message %d: %w", i, err)
		}
		i++
		return visit(i-1, m)
	})
}

// Problems calls visit for every problem in order.
func (f *File) Problems(visit func(*Problem) error) error {
	return f.each(f.problems, func(line []byte) error {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("%w: problem: %w", ErrLine, err)
		}
		if r.Problem == nil {
			return fmt.Errorf("%w: no problem", ErrLine)
		}
		return visit(r.Problem)
	})
}

// each reads the lines of a list of extents, which ascend. The line is valid until the next one.
func (f *File) each(at []extent, visit func(line []byte) error) error {
	if len(at) == 0 {
		return nil
	}
	first, last := at[0], at[len(at)-1]
	end := last.offset + int64(last.length)
	r := bufio.NewReaderSize(io.NewSectionReader(f.src, first.offset, end-first.offset), 1<<18)
	pos := first.offset
	var line []byte
	for _, e := range at {
		if _, err := r.Discard(int(e.offset - pos)); err != nil {
			return fmt.Errorf("read findings at %d: %w", e.offset, err)
		}
		line = slices.Grow(line[:0], int(e.length))[:e.length]
		if _, err := io.ReadFull(r, line); err != nil {
			return fmt.Errorf("read findings at %d: %w", e.offset, err)
		}
		pos = e.offset + int64(e.length)
		if err := visit(line); err != nil {
			return err
		}
	}
	return nil
}
