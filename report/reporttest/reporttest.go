// Package reporttest holds the record streams that the tests of the report writers share: a takeover told by a mailbox, a
// quiet mailbox, an empty one, a large one, and one whose every text tries to do harm. All people, numbers and domains in
// them are invented.
//
// The streams are made by code, not scanned, so that a change of the analyzer never changes the goldens of a printer.
package reporttest

import (
	"bytes"
	"fmt"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Tokyo is the zone most goldens are shown in.
var Tokyo = time.FixedZone("Asia/Tokyo", 9*3600)

// Stream gathers records and writes them in the order of the protocol.
type Stream struct {
	Config    finding.Config
	Summary   finding.Summary
	Sources   []finding.Source
	Profile   finding.Profile
	Attention []finding.Attention
	Incidents []finding.Incident
	Series    []finding.Series
	Ledger    []finding.Ledger
	Rules     []finding.Rule
	Messages  []finding.Message
	Problems  []finding.Problem
}

// Bytes is the stream as JSON lines. It panics on records that cannot be written, for these are the test's own.
func (s *Stream) Bytes() []byte {
	var b bytes.Buffer
	w := finding.NewWriter(&b)
	put := func(r finding.Record) {
		if err := w.Write(r); err != nil {
			panic(err)
		}
	}
	put(finding.Record{Config: &s.Config})
	put(finding.Record{Summary: &s.Summary})
	for i := range s.Sources {
		put(finding.Record{Source: &s.Sources[i]})
	}
	put(finding.Record{Profile: &s.Profile})
	for i := range s.Attention {
		put(finding.Record{Attention: &s.Attention[i]})
	}
	for i := range s.Incidents {
		put(finding.Record{Incident: &s.Incidents[i]})
	}
	for i := range s.Series {
		put(finding.Record{Series: &s.Series[i]})
	}
	for i := range s.Ledger {
		put(finding.Record{Ledger: &s.Ledger[i]})
	}
	for i := range s.Rules {
		put(finding.Record{Rule: &s.Rules[i]})
	}
	for i := range s.Messages {
		put(finding.Record{Message: &s.Messages[i]})
	}
	for i := range s.Problems {
		put(finding.Record{Problem: &s.Problems[i]})
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// File opens the stream.
func (s *Stream) File() *finding.File {
	b := s.Bytes()
	f, err := finding.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		panic(err)
	}
	return f
}

// add appends a message with its id, digest and place, and counts its verdict.
func (s *Stream) add(m finding.Message) string {
	n := len(s.Messages)
	m.SHA256 = evidence.Sum(fmt.Appendf(nil, "message %d %s", n, m.Subject))
	m.ID = "m-" + m.SHA256.String()[:16]
	if m.Location.Path == nil {
		m.Location = evidence.Location{Path: []string{"takeout-001.zip", "Takeout/メール/すべてのメール.mbox"}, Offset: int64(n)*8192 + 60, Length: 7000 + int64(n*37%900)}
	}
	if m.ContentRisk == "" {
		m.ContentRisk = "none"
	}
	if m.Time != nil && m.TimeSource == "" {
		m.TimeSource = "received"
	}
	s.Messages = append(s.Messages, m)
	if s.Summary.Verdicts == nil {
		s.Summary.Verdicts = map[string]int64{}
	}
	s.Summary.Verdicts[string(m.Verdict)]++
	if m.Unnoticed {
		s.Summary.Unnoticed++
	}
	return m.ID
}

// finish fills what follows from the messages.
func (s *Stream) finish() {
	s.Summary.Candidates = int64(len(s.Messages))
	s.Summary.Problems = int64(len(s.Problems))
	for _, p := range s.Problems {
		if p.Lost {
			s.Summary.Lost++
		}
	}
	var first, last time.Time
	for _, m := range s.Messages {
		if m.Time == nil {
			continue
		}
		if first.IsZero() || m.Time.Before(first) {
			first = *m.Time
		}
		if m.Time.After(last) {
			last = *m.Time
		}
	}
	if !first.IsZero() {
		s.Summary.Span = []time.Time{first, last}
		if s.Config.AsOf == nil {
			s.Config.AsOf = &last
		}
	}
}

// start is the beginning of every stream.
func start() *Stream {
	return &Stream{
		Config:  finding.Config{Protocol: finding.Protocol, Version: "0.1.0", RulesDigest: evidence.Sum([]byte("rules")).String()},
		Summary: finding.Summary{Complete: true, Verdicts: map[string]int64{}},
	}
}

func at(t time.Time) *time.Time { return &t }

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// Empty is the stream of a mailbox without any mail of Amazon.
func Empty() *Stream {
	s := start()
	s.Summary.Messages, s.Summary.Bytes, s.Summary.BytesAccounted = 412, 9_000_000, 9_000_000
	s.Sources = []finding.Source{{Name: "Mail", Size: 9_000_000, Mailboxes: 3, Messages: 412}}
	s.finish()
	return s
}
