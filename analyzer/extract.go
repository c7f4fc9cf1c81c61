package analyzer

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/candidate"
	"github.com/mailaudit/mailaudit/analyzer/detect"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/learn"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailauth"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

// extractor turns messages into facts. It knows one message at a time and nothing of the mailbox; it is safe for
// concurrent use.
type extractor struct {
	cfg     *Config
	matcher *candidate.Matcher
	heavy   *semaphore.Weighted // room for what is made of long messages
	waste   *block.Garbage      // what was made of them
	memory  sync.Pool           // of *message.Memory, one for each message that is being read
}

func newExtractor(cfg *Config, waste *block.Garbage) *extractor {
	matcher := candidate.New(cfg.Brands)
	matcher.Inspect = cfg.Inspect
	return &extractor{
		cfg: cfg, matcher: matcher, heavy: semaphore.NewWeighted(cfg.Limits.InFlight / 2), waste: waste,
	}
}

// Full analysis holds a message's text in several forms: decoded, as a page, as shown, folded. Measured on messages that
// are all text it is up to heavyCost times what was decoded. So that workers that have long messages at once stay within
// the memory, they share half of limit.Limits.InFlight (mail that waits has the other half); and of a message that is
// longer than heavyMessage no more is decoded than heavyWork: text of that length is none that anybody reads, and of an
// attachment the beginning is enough.
const (
	heavyCost    = 4
	heavyMessage = 16 << 20
	heavyWork    = 32 << 20
	light        = 256 << 10 // a message that many workers can have at once
)

// begin waits until there is room to analyse a message, and returns the limits it is analysed with.
func (x *extractor) begin(e *mailbox.Extent, r *reading) (lim limit.Limits, end func()) {
	lim = x.cfg.Limits
	n := int64(len(e.Data))
	if n > heavyMessage {
		lim.Work = min(lim.Work, heavyWork)
	}
	if n <= light {
		return lim, func() {}
	}
	n = min(heavyCost*n, x.cfg.Limits.InFlight/2)
	var err error
	r.wait(func() { err = x.heavy.Acquire(context.Background(), n) })
	if err != nil {
		return lim, func() {} // it fails only where a context ends, and this one does not
	}
	x.waste.Bound(x.cfg.Limits.InFlight / 4) // of what was made of those before, half as much as may be in use
	end = sync.OnceFunc(func() {
		x.waste.Add(n)
		x.heavy.Release(n)
	})
	r.room.Store(end)
	if r.abandoned.Load() {
		end() // nobody does it in its place any more
	}
	return lim, end
}

// recipients is how many To and Cc addresses a fact keeps. Notices have one; more say only that there were many.
const recipients = 50

// message reads one message: it adds to the tally, and returns the encoded fact of a candidate that speaks of a brand.
// A panic in a parser becomes a problem: the message is lost to the report, the scan goes on.
func (x *extractor) message(e *mailbox.Extent, t *fact.Tally, r *reading) (encoded []byte, isCandidate bool, problems []finding.Problem) {
	defer func() {
		if v := recover(); v != nil {
			encoded = nil
			problems = append(problems, finding.Problem{
				Location: e.Location, Stage: "internal", Lost: true,
				Reason: fmt.Sprintf("reading this message failed inside mailaudit: %v (%s)", v, origin(debug.Stack())),
			})
		}
	}()
	if p, ok := e.Hole(); ok {
		defer func() { problems = append(problems, p) }()
	}
	header := message.ParseHeader(e.Data, x.cfg.Limits)
	learn.Observe(t, x.observation(e, &header))
	if !x.matcher.Match(e.Data, x.cfg.Limits) {
		if id := x.otherFake(e, &header, x.cfg.Limits); id != "" {
			t.Others[id]++
		}
		if f := x.elsewhere(e, &header, x.cfg.Limits); f != nil {
			encoded, problems = kept(f, e)
			return encoded, false, problems
		}
		return nil, false, defects(e, header.Defects, header.Index("From") >= 0)
	}
	lim, end := x.begin(e, r)
	defer end()
	f, problems := x.fact(e, lim, x.cfg.Brands)
	if f == nil {
		if f = x.elsewhere(e, &header, lim); f == nil {
			return nil, true, problems
		}
	}
	encoded, lost := kept(f, e)
	return encoded, true, append(problems, lost...)
}

// kept is a fact as it is kept, or the problem that it can't be.
func kept(f *fact.Fact, e *mailbox.Extent) ([]byte, []finding.Problem) {
	encoded, err := fact.Encode(f)
	if err != nil {
		return nil, []finding.Problem{{
			Location: e.Location, Stage: "internal", Reason: "keeping what was read failed: " + err.Error(), Lost: true,
		}}
	}
	return encoded, nil
}

// origin names the function that panicked: the first frame of ours below the panic.
func origin(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	seen := false
	for _, l := range lines {
		if strings.HasPrefix(l, "panic(") {
			seen = true
			continue
		}
		if seen && strings.Contains(l, "mailaudit/analyzer") && !strings.HasPrefix(l, "\t") {
			name, _, _ := strings.Cut(l, "(0x")
			return name[strings.LastIndexByte(name, '/')+1:]
		}
	}
	return "unknown place"
}

// fact reads a candidate in full. It returns nil for one that turns out to speak of no brand.
func (x *extractor) fact(e *mailbox.Extent, lim limit.Limits, brands *brand.Set) (*fact.Fact, []finding.Problem) {
	truncated := int64(len(e.Data)) < e.Location.Length
	memory, ok := x.memory.Get().(*message.Memory)
	if !ok {
		memory = new(message.Memory)
	}
	m := message.Parse(e.Data, message.Options{Limits: lim, Mbox: e.Mbox, Truncated: truncated, Memory: memory})
	x.memory.Put(memory) // not after a panic: it may have been left half written
	problems := defects(e, m.Defects, len(m.From) > 0)
	out, found := detect.Run(detect.Input{Message: m, Brands: brands, Limits: lim, Inspect: x.cfg.Inspect})
	for _, p := range found {
		p.Location = e.Location
		problems = append(problems, p)
	}
	if out.Brand == "" {
		return nil, problems
	}
	f := &fact.Fact{
		Key:        fact.Key{Source: e.Location.Source, Mailbox: e.Mailbox.Index, Offset: e.Order},
		Location:   e.Location,
		Group:      e.Mailbox.Group,
		Envelope:   e.Envelope,
		MessageID:  m.MessageID,
		From:       m.From,
		FromFields: m.FromFields,
		Doubled:    mailauth.Doubled(&m.Header),
		Sender:     m.Sender,
		ReplyTo:    m.ReplyTo,
		To:         capped(append(append([]finding.Address(nil), m.To...), m.Cc...), recipients),
		ReturnPath: m.ReturnPath,
		Subject:    m.Subject,
		ListID:     m.ListID,

		Brand: out.Brand, Marketplace: out.Marketplace, Signals: out.Signals, ContentRisk: out.ContentRisk,
		Links: fact.PackLinks(out.Links), Attachments: out.Attachments,
		Forward: out.Forward, ForwardOnly: out.ForwardOnly, Inner: out.Inner, Alias: out.Alias,
	}
	if f.SHA256 = e.SHA256; f.SHA256.IsZero() {
		f.SHA256, f.Content = message.Digests(e.Data)
	} else {
		f.Content = message.Content(e.Data, e.Mbox)
	}
	if d, ok := message.FormerContent(e.Data); ok {
		f.Former = fact.MessageID(fact.ContentID(d))
	}
	if m.Date.Raw != "" {
		f.Date = &fact.Date{Raw: m.Date.Raw, Time: m.Date.Time, Zone: m.Date.Zone, Doubt: m.Date.Doubt}
	}
	f.Trace, f.Results = mailauth.Read(&m.Header)
	keys := x.cfg.Keys
	if e.Rebuilt {
		keys = mailauth.Keys{} // no signature holds over a body that is not the one that was signed
	}
	f.Signatures = mailauth.Signatures(&m.Header, e.Data, e.Mbox, keys)
	f.DeliveredTo = capped(m.Header.All("Delivered-To"), 5)
	f.FeedbackID = m.Header.Get("Feedback-ID")
	f.Mailer = m.Header.Get("X-Mailer")
	f.XHeaders = x.xHeaders(&m.Header)
	f.Read, f.Status, f.XStatus = readState(e, &m.Header)
	x.event(f, m, brands)
	return f, problems
}

// official reports whether the one From address lies in a domain that mail of a brand comes from.
func official(brands *brand.Set, m *message.Message) bool {
	if len(m.From) != 1 {
		return false
	}
	from := sender.Resolve(m.From[0].Address, brands)
	return from.Official && (from.Domain.Role == brand.Retail || from.Domain.Role == brand.Service || from.Domain.Role == brand.Relay)
}

// event asks the catalogue what the message says happened.
func (x *extractor) event(f *fact.Fact, m *message.Message, brands *brand.Set) {
	q := event.Input{Brand: f.Brand, Official: official(brands, m), Subject: m.Subject, Text: m.Text}
	if b := brands.ByID(f.Brand); b != nil {
		q.Issuer = b.Can(brand.Statements)
	}
	if len(m.From) > 0 {
		q.Local = strings.ToLower(sender.Resolve(m.From[0].Address, nil).Local)
		if s, _, ok := brands.Sender(m.From[0].Address); ok {
			q.SenderKind = s.Kind
		}
	}
	got := x.cfg.Events.Match(q)
	f.Event, f.Severity, f.Language, f.Details, f.Entry = got.Event, got.Severity, got.Language, got.Details, got.Entry
}

// xHeaders lists the X- fields that the fingerprints of brands ask for, in the order of the header.
func (x *extractor) xHeaders(h *message.Header) []string {
	var out []string
	for _, f := range h.Fields {
		if len(f.Name) < 2 || f.Name[0]|0x20 != 'x' || f.Name[1] != '-' {
			continue
		}
		name := strings.ToLower(f.Name)
		for _, b := range x.cfg.Brands.All() {
			for _, want := range b.Fingerprint.XHeaders {
				if name == want {
					out = append(out, name)
				}
			}
		}
	}
	return capped(out, 20)
}

// defects turns what was odd in a message and cost text into problems. Oddities that cost nothing are the detectors'
// business. from tells that the message's From was read.
func defects(e *mailbox.Extent, found []message.Defect, from bool) []finding.Problem {
	var out []finding.Problem
	for _, d := range found {
		limit := strings.HasPrefix(d.Kind, "limit_")
		if !d.Lost && !limit {
			continue
		}
		p := finding.Problem{Location: e.Location, Stage: "mime", Reason: d.Kind}
		if limit {
			p.Stage, p.Reason = "limit", strings.TrimPrefix(d.Kind, "limit_")
		}
		if d.Detail != "" {
			p.Reason += ": " + d.Detail
		}
		// A header that is cut before its From can be anybody's: the message is not judged as what its reader sees.
		p.Lost = d.Kind == message.HeaderLimit && !from
		out = append(out, p)
	}
	return out
}

// capped is the first n of a list.
func capped[T any](list []T, n int) []T {
	if len(list) > n {
		return list[:n]
	}
	return list
}
