package analyzer

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/attention"
	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/learn"
	"github.com/mailaudit/mailaudit/analyzer/verdict"
)

// conclusion is what the stage Conclude is given.
func (s *scan) conclusion(j *judged, names *accounts) attention.Input {
	in := attention.Input{
		Entries: j.entries, Accounts: names.list, Brands: s.cfg.Brands, Others: s.cfg.Others, Lookup: s.fact,
		Span: [2]time.Time{s.tally.Oldest(), s.tally.Newest()}, Months: s.tally.Months, Arrivals: s.tally.Arrivals,
		AsOf: j.asOf, Location: cmp.Or(s.cfg.Zone, s.profile.Zone()), Own: s.profile.Owner, Incomplete: !s.result.Complete, Lost: s.counters.Lost, Records: s.records,
	}
	if s.cfg.Live {
		in.Until = j.asOf
	}
	return in
}

// emit writes the record stream: what was concluded first, then one sweep over the facts.
func (s *scan) emit(ctx context.Context, j *judged, w io.Writer) error {
	s.summarize(j)
	if w == nil {
		return nil
	}
	out := finding.NewWriter(w)
	put := func(r finding.Record) error {
		if err := out.Write(r); err != nil {
			return fmt.Errorf("writing findings: %w", err)
		}
		return nil
	}
	for _, r := range s.head(j) {
		if err := put(r); err != nil {
			return err
		}
	}
	err := sweep(ctx, s, func(pos uint32, f *fact.Fact) (*finding.Line, error) {
		return s.line(j, pos, f)
	}, func(p *finding.Problem) error {
		return put(finding.Record{Problem: p})
	}, func(_ uint32, l *finding.Line) error {
		if l == nil {
			return nil
		}
		if err := out.WriteLine(*l); err != nil {
			return fmt.Errorf("writing findings: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range j.out.Problems {
		if err := put(finding.Record{Problem: &j.out.Problems[i]}); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	return nil
}

// line is the line of a fact's record, nil where it has none.
func (s *scan) line(j *judged, pos uint32, f *fact.Fact) (*finding.Line, error) {
	if j.copies.isCopy[pos] || s.silent(j, pos, f) {
		return nil, nil
	}
	m, err := s.record(j, pos, f)
	if err != nil || m == nil || !s.within(m.Time) {
		return nil, err
	}
	l, err := finding.Encode(finding.Record{Message: m})
	return &l, err
}

// within reports whether a time lies in what the user asked to be told. A message without a believable time is always told.
func (s *scan) within(t *time.Time) bool {
	if t == nil {
		return true
	}
	return (s.cfg.Since.IsZero() || !t.Before(s.cfg.Since)) && (s.cfg.Until.IsZero() || t.Before(s.cfg.Until))
}

// mostReceivers is how many receivers the result names.
const mostReceivers = 5

// summarize fills the summary and the result.
func (s *scan) summarize(j *judged) {
	for i := range j.out.Attention {
		if s.cfg.Acknowledged != nil {
			j.out.Attention[i].Acknowledged = s.cfg.Acknowledged(&j.out.Attention[i], func(id string) string { return j.former[id] })
		}
	}
	sum := finding.Summary{
		Messages: s.counters.Messages, Candidates: s.counters.Candidates, Problems: s.counters.Problems + int64(len(j.out.Problems)),
		Lost: s.counters.Lost, Skipped: s.counters.skipped, Verdicts: j.counts, Unnoticed: int64(j.out.UnnoticedCount()),
		Complete: s.result.Complete, SilentMonths: s.tally.SilentMonths(), OtherFakes: s.tally.Others,
	}
	for i := range s.sources {
		sum.Bytes += s.sources[i].Bytes
		sum.BytesAccounted += s.sources[i].Accounted()
	}
	if from, to := s.tally.Oldest(), s.tally.Newest(); !from.IsZero() {
		sum.Span = []time.Time{from.UTC(), to.UTC()}
	}
	s.result.Summary, s.result.AsOf = sum, j.asOf
	s.result.Profile = learn.Report(s.profile)
	s.result.Profile.Brands = s.named(j)
	s.result.Receivers = learn.Receivers(s.tally, mostReceivers)
	for _, a := range j.out.Attention {
		if a.Kind == attention.Question {
			s.result.Summary.Questions++
		}
		if a.Acknowledged == nil && a.Severity.Level() > s.result.Worst.Level() {
			s.result.Worst = a.Severity
		}
	}
}

// head is everything that stands before the messages.
func (s *scan) head(j *judged) []finding.Record {
	cfg := &finding.Config{
		Protocol: finding.Protocol, Version: s.cfg.Version, RulesDigest: s.result.Rules,
		AsOf: moment(j.asOf), Brands: s.cfg.Asked, Since: moment(s.cfg.Since), Until: moment(s.cfg.Until),
	}
	out := []finding.Record{{Config: cfg}, {Summary: &s.result.Summary}}
	for i := range s.sources {
		src := &s.sources[i]
		out = append(out, finding.Record{Source: &finding.Source{
			Name: evidence.EscapeName(src.Name), Size: src.Size, SHA256: src.SHA256, Mailboxes: src.Mailboxes,
			Messages: src.Messages, Skipped: src.Skipped,
		}})
	}
	profile := s.result.Profile
	out = append(out, finding.Record{Profile: &profile})
	for i := range j.out.Attention {
		out = append(out, finding.Record{Attention: &j.out.Attention[i]})
	}
	for i := range j.out.Incidents {
		out = append(out, finding.Record{Incident: &j.out.Incidents[i]})
	}
	for i := range j.out.Series {
		out = append(out, finding.Record{Series: &j.out.Series[i]})
	}
	for i := range j.out.Ledger {
		out = append(out, finding.Record{Ledger: &j.out.Ledger[i]})
	}
	rules := verdict.Rules()
	for i := range rules {
		out = append(out, finding.Record{Rule: &rules[i]})
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// copiesTold is how many places of copies a record names. A message lies in a handful of folders and exports; the rest is
// counted.
const copiesTold = 1000

// record is the message record of a fact.
func (s *scan) record(j *judged, pos uint32, f *fact.Fact) (*finding.Message, error) {
	g := s.judgement(j, pos, f)
	m, err := messageRecord(f, g)
	if err != nil {
		return nil, err
	}
	for i, p := range j.copies.primary[pos] {
		if i == copiesTold {
			m.MoreCopies = int64(len(j.copies.primary[pos]) - i)
			break
		}
		c, err := s.fact(p)
		if err != nil {
			return nil, err
		}
		m.Copies = append(m.Copies, c.Location)
	}
	m.Unnoticed, m.Incidents = j.out.Unnoticed(pos), j.out.Incident(pos)
	return m, nil
}

// messageRecord puts fact and judgement into the form of a record.
func messageRecord(f *fact.Fact, g judgement) (*finding.Message, error) {
	links, err := f.Links.List()
	if err != nil {
		return nil, fmt.Errorf("reading the links of a message: %w", err)
	}
	m := &finding.Message{
		ID: fact.MessageID(fact.ContentID(f.Content)), SHA256: f.SHA256, Location: f.Location,
		Time: moment(g.Time), TimeSource: g.TimeSource, ClockDoubt: g.ClockDoubt,
		MessageID: f.MessageID, ReplyTo: f.ReplyTo, ReturnPath: f.ReturnPath, To: f.To, Subject: f.Subject,
		Brand: f.Brand, Marketplace: f.Marketplace, Account: g.account().String(), Language: f.Language,
		Verdict: g.Verdict, Rule: g.Rule, ContentRisk: g.ContentRisk,
		Event: f.Event, Severity: f.Severity, Details: f.Details,
		Auth: g.Auth, Signals: g.Signals, Links: links, Attachments: f.Attachments, Read: g.Read, Inner: f.Inner,
	}
	if len(f.From) > 0 {
		m.From, m.MoreFrom = &f.From[0], f.From[1:]
	}
	if f.Date != nil {
		m.HeaderDate = moment(f.Date.Time)
	}
	if f.Envelope != nil {
		m.StartDoubt = f.Envelope.Doubt
	}
	return m, nil
}
