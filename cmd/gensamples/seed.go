package main

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
)

// seed is a stream of numbers that is the same on every run and machine.
type seed struct{ src *rand.PCG }

// newSeed starts the stream that belongs to a name.
func newSeed(name string) *seed {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &seed{rand.NewPCG(h.Sum64(), 0x6d61696c)}
}

func (s *seed) n(n int) int { return int(s.src.Uint64() % uint64(n)) }

func (s *seed) letters(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[s.n(len(alphabet))])
	}
	return b.String()
}

func (s *seed) digits(n int) string { return s.letters("0123456789", n) }
func (s *seed) hex(n int) string    { return s.letters("0123456789abcdef", n) }
func (s *seed) lower(n int) string  { return s.letters("abcdefghijklmnopqrstuvwxyz", n) }
func (s *seed) upper(n int) string  { return s.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", n) }

// base64 is the base64 text of n bytes.
func (s *seed) base64(n int) string { return base64.StdEncoding.EncodeToString(s.bytes(n)) }

func (s *seed) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.src.Uint64())
	}
	return b
}

func (s *seed) pick(list ...string) string { return list[s.n(len(list))] }

func (s *seed) uuid() string {
	return s.hex(8) + "-" + s.hex(4) + "-" + s.hex(4) + "-" + s.hex(4) + "-" + s.hex(12)
}

// selector is the DKIM selector of a domain in the samples: the form of SES Easy DKIM, 32 letters of base32.
func selector(domain string) string {
	return newSeed("selector "+domain).letters("abcdefghijklmnopqrstuvwxyz234567", 32)
}

// order draws an order number of the form of retail orders; group is its first part.
func (s *seed) order(group string) string { return group + "-" + s.digits(7) + "-" + s.digits(7) }

// jst reads a time of day in Japan.
func jst(text string) time.Time { return clock(text, 9*3600) }

// clock reads "2006-01-02 15:04:05" in a zone given in seconds east of UTC; a slip in a literal ends the program.
func clock(text string, east int) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", text, time.FixedZone("", east))
	if err != nil {
		panic(fmt.Sprintf("gensamples: %v", err))
	}
	return t.UTC()
}
