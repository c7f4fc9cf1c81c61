package fact

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Spool keeps facts and problems in a file, in the order they were appended, which is source order. Sixteen bytes a fact
// stay in memory. A Spool is written by one goroutine, then read; At and Sweep may then be used from several.
type Spool struct {
	f       *os.File
	w       *bufio.Writer
	size    int64
	offsets []int64  // of each fact
	content []uint64 // ContentID of each fact
	sealed  bool
}

// recordKind tells what a record of the spool holds.
type recordKind byte

const (
	factRecord    recordKind = 'f'
	problemRecord recordKind = 'p'
)

// recordHead is the length of what precedes a record: its kind and its length, big endian.
const recordHead = 5

// maxRecord bounds one record: a damaged spool must not make us allocate without end. Facts are a few kilobytes; the
// largest that Extract can make, with all its lists full, is below 8 MiB.
const maxRecord = 64 << 20

// NewSpool makes a spool in dir. The file has no permissions for others; Close removes it.
func NewSpool(dir string) (*Spool, error) {
	f, err := os.CreateTemp(dir, ".mailaudit-spool-*")
	if err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	return &Spool{f: f, w: bufio.NewWriterSize(f, 1<<20)}, nil
}

// AppendFact appends an encoded fact and returns its position, counted from 0.
func (s *Spool) AppendFact(encoded []byte) (uint32, error) {
	off := s.size
	content, err := contentID(encoded)
	if err != nil {
		return 0, fmt.Errorf("writing the spool: %w", err)
	}
	if err := s.append(factRecord, encoded); err != nil {
		return 0, err
	}
	s.offsets, s.content = append(s.offsets, off), append(s.content, content)
	return uint32(len(s.offsets) - 1), nil
}

// AppendProblem appends a problem.
func (s *Spool) AppendProblem(p finding.Problem) error {
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the spool: %w", err)
	}
	return s.append(problemRecord, b)
}

func (s *Spool) append(kind recordKind, b []byte) error {
	if s.sealed {
		return errors.New("writing the spool: it is sealed")
	}
	if len(b) > maxRecord {
		return fmt.Errorf("writing the spool: record of %d bytes", len(b))
	}
	var head [recordHead]byte
	head[0] = byte(kind)
	binary.BigEndian.PutUint32(head[1:], uint32(len(b)))
	if _, err := s.w.Write(head[:]); err != nil {
		return fmt.Errorf("writing the spool: %w", err)
	}
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("writing the spool: %w", err)
	}
	s.size += recordHead + int64(len(b))
	return nil
}

// Seal ends writing. Facts can be read only from a sealed spool.
func (s *Spool) Seal() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("writing the spool: %w", err)
	}
	s.sealed = true
	return nil
}

// Len is the number of facts.
func (s *Spool) Len() int { return len(s.offsets) }

// ContentID is that of the fact at a position below Len: see the function of that name.
func (s *Spool) ContentID(pos uint32) uint64 { return s.content[pos] }

// At reads the fact at a position.
func (s *Spool) At(pos uint32) (*Fact, error) {
	if int(pos) >= len(s.offsets) {
		return nil, fmt.Errorf("reading the spool: no fact %d of %d", pos, len(s.offsets))
	}
	off := s.offsets[pos]
	var head [recordHead]byte
	if _, err := s.f.ReadAt(head[:], off); err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	n := binary.BigEndian.Uint32(head[1:])
	if head[0] != byte(factRecord) || n > maxRecord {
		return nil, fmt.Errorf("reading the spool: damaged at %d", off)
	}
	b := make([]byte, n)
	if _, err := s.f.ReadAt(b, off+recordHead); err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	return decode(string(b))
}

func decode(record string) (*Fact, error) {
	f, err := decodeString(record)
	if err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	return f, nil
}

// Item is one record of a sweep: a fact with its position, or a problem.
type Item struct {
	Pos     uint32
	Problem *finding.Problem
	raw     string
}

// Fact decodes the fact of an item that is no problem.
func (i Item) Fact() (*Fact, error) { return decode(i.raw) }

// Sweep reads all records in order. Items stay valid after do returns, so that they can be decoded elsewhere.
func (s *Spool) Sweep(do func(Item) error) error {
	r := bufio.NewReaderSize(io.NewSectionReader(s.f, 0, s.size), 1<<20)
	var head [recordHead]byte
	for pos := uint32(0); ; {
		if _, err := io.ReadFull(r, head[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading the spool: %w", err)
		}
		n := binary.BigEndian.Uint32(head[1:])
		if n > maxRecord {
			return errors.New("reading the spool: damaged")
		}
		record, err := readString(r, int(n))
		if err != nil {
			return fmt.Errorf("reading the spool: %w", err)
		}
		item := Item{Pos: pos, raw: record}
		switch recordKind(head[0]) {
		case factRecord:
			pos++
		case problemRecord:
			item.Problem = new(finding.Problem)
			if err := json.Unmarshal([]byte(record), item.Problem); err != nil {
				return fmt.Errorf("reading the spool: %w", err)
			}
			item.raw = ""
		default:
			return errors.New("reading the spool: damaged")
		}
		if err := do(item); err != nil {
			return err
		}
	}
}

// readString reads n bytes, once: the strings of a fact are pieces of its record.
func readString(r *bufio.Reader, n int) (string, error) {
	var b strings.Builder
	b.Grow(n)
	for b.Len() < n {
		part, err := r.Peek(min(n-b.Len(), r.Size()))
		b.Write(part)
		if _, derr := r.Discard(len(part)); derr != nil {
			return "", derr
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// Close removes the spool.
func (s *Spool) Close() error {
	err := s.f.Close()
	if rerr := os.Remove(s.f.Name()); err == nil {
		err = rerr
	}
	return err
}
