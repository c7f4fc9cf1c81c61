// Package timelinetest reads mailboxes written down in a few lines, for the samples of rules and for tests.
//
// A file holds scenes. Each begins with "== " and a sentence that says what it shows, then one line a message or
// setting, then lines that begin with "=> " and say what is expected. "#" begins a comment.
//
//	== a password change and nothing else
//	2026-01-05 10:00 genuine security.password_changed read
//	=> nothing
//
// A message is date and time (UTC), verdict, event, and any of: read, unread, opened, unopened, spam, trash, archive,
// deleted, replied, risk, norecords (unverifiable for lack of records), broken (its start is in doubt), ends (it confirms a cancellation), forwarded (by a person), to=ADDRESS, at=MARKETPLACE ("-" for none), order=NUMBER (of digital goods where it begins with D),
// orders=A,B, card=DIGITS, device=…, near=…, old_email=…, new_email=…, merchant=…, entry=ID (of the catalogue), brand=ID, severity=…, and x=N every=DURATION for N
// messages, each its own; "*" in an order number is then the count. A date of "-" is no believable clock.
//
// Settings: "span FROM TO" (dates; else the first and last message), "silent MONTH", "usual N" mails in every hour of
// the span that has a message, "flood DATE HOUR N" mails in that hour, "own ADDRESS", "asof DATE".
package timelinetest

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/timeline"
)

// Scene is one mailbox and what is expected of it.
type Scene struct {
	Name     string
	Entries  []fact.Entry
	Accounts []fact.Account
	Brands   []string // ids; index 0 is "amazon"
	Facts    []*fact.Fact
	Span     [2]time.Time
	Months   map[string]int64
	Arrivals map[int32]int32
	Own      map[string]bool
	AsOf     time.Time
	Want     []string

	known map[fact.Account]uint32
	usual int32
}

// Owner is the recipient of messages that name none.
const Owner = "hanako@example.jp"

// Lookup fetches the fact of an entry.
func (s *Scene) Lookup(pos uint32) (*fact.Fact, error) {
	if int(pos) >= len(s.Facts) {
		return nil, fmt.Errorf("no fact at %d", pos)
	}
	return s.Facts[pos], nil
}

// Input is the scene as the rules of timeline take it.
func (s *Scene) Input() timeline.Input {
	audited, keys := make([]bool, len(s.Brands)), make([]string, len(s.Brands))
	for i, b := range s.Brands {
		if holdsKeys(b) {
			keys[i] = b
		}
		audited[i] = b == "amazon" || holdsKeys(b) && b != "microsoft"
	}
	return timeline.Input{
		Entries: s.Entries, Accounts: s.Accounts, Audited: audited, Keys: keys, Lookup: s.Lookup, Span: s.Span, Months: s.Months,
		Arrivals: s.Arrivals, Own: s.Own, Location: time.UTC,
	}
}

// holdsKeys reports whether a brand has accounts that passwords elsewhere are reset with. Microsoft is one that is not audited.
func holdsKeys(id string) bool { return id == "google" || id == "apple" || id == "microsoft" }

// Parse reads scenes.
func Parse(text string) ([]*Scene, error) {
	var out []*Scene
	var s *Scene
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		var err error
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			s = &Scene{
				Name: line[3:], Brands: []string{"amazon"}, known: make(map[fact.Account]uint32),
				Months: make(map[string]int64), Arrivals: make(map[int32]int32), Own: make(map[string]bool),
			}
			out = append(out, s)
		case s == nil:
			err = fmt.Errorf("stands before the first scene")
		case strings.HasPrefix(line, "=> "):
			s.Want = append(s.Want, line[3:])
		default:
			err = s.line(strings.Fields(line))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	for _, s := range out {
		s.finish()
	}
	return out, nil
}

func (s *Scene) line(w []string) error {
	switch w[0] {
	case "span":
		from, err := time.Parse("2006-01-02", w[1])
		if err != nil {
			return err
		}
		to, err := time.Parse("2006-01-02", w[2])
		s.Span = [2]time.Time{from, to}
		return err
	case "silent":
		s.Months[w[1]] = -1
		return nil
	case "usual":
		n, err := strconv.Atoi(w[1])
		s.usual = int32(n)
		return err
	case "flood":
		t, err := time.Parse("2006-01-02 15", w[1]+" "+w[2])
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(w[3])
		s.Arrivals[int32(t.Unix()/3600)] += int32(n)
		return err
	case "own":
		s.Own[w[1]] = true
		return nil
	case "asof":
		t, err := time.Parse("2006-01-02", w[1])
		s.AsOf = t
		return err
	}
	return s.message(w)
}

// message reads one message, or several alike.
func (s *Scene) message(w []string) error {
	var t time.Time
	if w[0] == "-" {
		w = append([]string{"-"}, w...)
	} else {
		var err error
		if t, err = time.Parse("2006-01-02 15:04", w[0]+" "+w[1]); err != nil {
			return err
		}
	}
	if len(w) < 4 {
		return fmt.Errorf("%q is no message", strings.Join(w, " "))
	}
	event := finding.Event(w[3])
	if !slices.Contains(finding.Events(), event) || !slices.Contains(finding.Verdicts(), finding.Verdict(w[2])) {
		return fmt.Errorf("no event %q or verdict %q", w[3], w[2])
	}
	many, every := 1, time.Duration(0)
	for _, o := range w[4:] {
		var err error
		if v, ok := strings.CutPrefix(o, "x="); ok {
			many, err = strconv.Atoi(v)
		} else if v, ok := strings.CutPrefix(o, "every="); ok {
			every, err = time.ParseDuration(v)
		}
		if err != nil {
			return err
		}
	}
	for n := range many {
		at := t
		if !t.IsZero() {
			at = t.Add(time.Duration(n) * every)
		}
		if err := s.add(at, finding.Verdict(w[2]), event, w[4:], n); err != nil {
			return err
		}
	}
	return nil
}

// Severities are those the samples give events that name none.
func Severities(e finding.Event) finding.Severity {
	switch e {
	case finding.PasswordChanged, finding.EmailChanged, finding.TwoSVDisabled, finding.PhoneRemoved, finding.TakeoverResponse:
		return finding.Critical
	case finding.PhoneChanged, finding.EmailAdded, finding.PasskeyAdded, finding.AccountChanged, finding.AccountLocked,
		finding.AppAuthorized, finding.TwoSVChanged, finding.AWSSecurity, finding.CardReported:
		return finding.High
	case finding.SigninAttempt, finding.SignedIn, finding.DeviceRegistered, finding.PasswordResetRequested, finding.AddressChanged, finding.PaymentMethodChanged,
		finding.TwoSVEnabled, finding.NameChanged, finding.OrderHeld, finding.SecurityUnknown, finding.SellerChanged, finding.PaymentDeclined:
		return finding.MediumS
	case finding.OrderPlaced, finding.PrimeJoined, finding.PrimeCancelled, finding.GiftcardSent, finding.OrderCancelled:
		return finding.Low
	}
	return finding.Info
}

func (s *Scene) add(t time.Time, v finding.Verdict, event finding.Event, options []string, n int) error {
	f := &fact.Fact{Brand: "amazon", Marketplace: "co.jp", Event: event, Details: &finding.Details{}}
	d, severity, to, brand := f.Details, Severities(event), Owner, "amazon"
	var read finding.Read
	yes, no := true, false
	broken, bare := false, false
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		value = strings.ReplaceAll(strings.ReplaceAll(value, "*", strconv.Itoa(n)), "_", " ")
		switch name {
		case "read":
			read.Seen = &yes
		case "unread":
			read.Seen = &no
		case "opened":
			read.Opened = &yes
		case "unopened":
			read.Opened = &no
		case "replied":
			read.Replied = &yes
		case "spam", "trash", "archive":
			read.Folder = finding.Folder(name)
		case "ends":
			d.Ends = true
		case "forwarded":
			f.Forward = "inline"
		case "risk":
			f.ContentRisk = "high"
		case "broken":
			broken = true
		case "norecords":
			bare = true
		case "deleted":
			read.Deleted = &yes
		case "old_email":
			d.OldEmail = value
		case "to":
			to = strings.ReplaceAll(value, " ", "_")
		case "at":
			f.Marketplace = strings.TrimPrefix(value, "-")
		case "order":
			d.OrderID = value
		case "orders":
			d.OrderIDs = strings.Split(value, ",")
			d.OrderID = d.OrderIDs[0]
		case "card":
			d.CardEnd = value
		case "device":
			d.Device = value
		case "near":
			d.Near = value
		case "new_email":
			d.NewEmail = value
		case "merchant":
			d.Merchant = value
		case "entry":
			f.Entry = strings.ReplaceAll(value, " ", "_")
		case "brand":
			brand = value
			f.Marketplace = ""
		case "severity":
			severity = finding.Severity(value)
		case "x", "every":
		default:
			return fmt.Errorf("no option %q", o)
		}
	}
	f.Brand = brand
	pos := uint32(len(s.Facts))
	// A message is the same when it is read or moved.
	said := slices.DeleteFunc(slices.Clone(options), func(o string) bool {
		return slices.Contains([]string{"read", "unread", "opened", "unopened", "spam", "trash", "archive", "deleted", "replied"}, o)
	})
	h := fnv.New64a()
	fmt.Fprint(h, t.Unix(), v, event, said, n, to)
	binary.BigEndian.PutUint64(f.Content[:], h.Sum64())
	e := fact.NewEntry(f, v, event, severity, t, "", &read)
	if t.IsZero() {
		e.Flags |= fact.ClockDoubt
	}
	if bare {
		e.Flags |= fact.NoRecords
	}
	if broken {
		e.Flags |= fact.StartDoubt
	}
	e.Pos = pos
	e.Brand = s.brand(brand)
	account := fact.Account{Address: to, Marketplace: f.Marketplace}
	if holdsKeys(brand) {
		account.Site = brand + ".com"
	}
	e.Account = s.account(account)
	s.Facts = append(s.Facts, f)
	s.Entries = append(s.Entries, e)
	return nil
}

func (s *Scene) brand(id string) uint16 {
	i := slices.Index(s.Brands, id)
	if i < 0 {
		i = len(s.Brands)
		s.Brands = append(s.Brands, id)
	}
	return uint16(i)
}

func (s *Scene) account(a fact.Account) uint32 {
	i, ok := s.known[a]
	if !ok {
		i = uint32(len(s.Accounts))
		s.known[a] = i
		s.Accounts = append(s.Accounts, a)
	}
	return i
}

// finish fills in what the messages themselves tell of the mailbox.
func (s *Scene) finish() {
	for i := range s.Entries {
		t := s.Entries[i].When()
		if t.IsZero() {
			continue
		}
		if s.Span[0].IsZero() || t.Before(s.Span[0]) {
			s.Span[0] = t
		}
		if t.After(s.Span[1]) {
			s.Span[1] = t
		}
		s.Arrivals[int32(t.Unix()/3600)] += 1 + s.usual
	}
	if s.AsOf.IsZero() {
		s.AsOf = s.Span[1]
	}
	for t := s.Span[0]; !t.After(s.Span[1]); t = t.AddDate(0, 0, 1) {
		if m := t.Format("2006-01"); s.Months[m] >= 0 {
			s.Months[m]++
			s.Arrivals[int32(t.Unix()/3600)]++
		}
	}
	for m, n := range s.Months {
		if n < 0 {
			s.Months[m] = 0
		}
	}
}
