package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Pack is one file of the catalogue. Its TOML is decoded strictly: an unknown key is an error.
type Pack struct {
	Name   string `toml:"-"` // file name
	Digest string `toml:"-"` // SHA-256 of the file, hex
	user   bool   // added by With

	// Language is that of the notices, ISO 639-1; empty where entries say it themselves or the text is asked.
	Language string `toml:"language,omitempty"`
	// Issuer is set in packs about the mails of statement issuers. Other packs are about Amazon.
	Issuer bool `toml:"issuer,omitempty"`
	// Brands are the ids of the brands that its entries are for where they name none themselves; empty for all of its kind.
	Brands []string `toml:"brands,omitempty"`
	// Words are common short words of the language, by which a text in it is recognised.
	Words []string `toml:"words,omitempty"`
	// Markets are the marketplaces that write in the language, by what follows "amazon.". They decide where the words of a
	// short notice don't: "Cancelado:" is of two languages.
	Markets []string `toml:"markets,omitempty"`

	Subjects   []Subject `toml:"subject,omitempty"`
	Bodies     []Body    `toml:"body,omitempty"`
	Details    Labels    `toml:"details,omitempty"`
	Severities []Severe  `toml:"event,omitempty"`
	Senders    []Sender  `toml:"fallback,omitempty"`
}

// Entry is what every entry has.
type Entry struct {
	ID         string        `toml:"id"` // unique; lower-case letters, digits, "_", "." and "-"
	Event      finding.Event `toml:"event"`
	Source     string        `toml:"source"`             // where the wording was seen
	Date       string        `toml:"date"`               // when it was last seen, "2006-01-02" or coarser
	Confidence string        `toml:"confidence"`         // H, M, L or K, as in package brand
	Language   string        `toml:"language,omitempty"` // where it is not that of the pack
	Brands     []string      `toml:"brands,omitempty"`   // ids of the brands it is for; empty for all of the pack's kind
	Good       []string      `toml:"good,omitempty"`     // samples that this entry, and no earlier one, must match
	Bad        []string      `toml:"bad,omitempty"`      // samples that it must not match
}

// Subject selects an event by the subject.
type Subject struct {
	Entry
	// Pattern are regular expressions (RE2), any of which must match somewhere in the folded subject. {amazon} stands for
	// the brand with or without a top-level domain, {shape} for the "amazon.<tld>: " that newer security notices start
	// with, in every language.
	Pattern []string `toml:"pattern"`
	Unless  []string `toml:"unless,omitempty"` // regular expressions that must not match
	// Literals are strings of which every match holds at least one; worked out from Pattern. Empty: none is known.
	Literals [][]string `toml:"-"`
}

// Body refines an event by what the text says.
type Body struct {
	Entry
	// Refines are the events it may take the place of; "unknown" is a subject that no entry knew. Where it is absent:
	// security.account_changed and "unknown".
	Refines []string `toml:"refines,omitempty"`
	// Phrase are wordings, any of which must stand in the folded text. "…" is a gap of at most 200 bytes.
	Phrase []string `toml:"phrase"`
	Unless []string `toml:"unless,omitempty"` // wordings that must not stand in it
}

// Severe is the severity of an event.
type Severe struct {
	Event    finding.Event    `toml:"name"`
	Severity finding.Severity `toml:"severity"`
	Why      string           `toml:"why"`
}

// Sender says what a message is about when neither subject nor text is known: by its sender, or by the shape of its
// subject. The first that matches wins.
type Sender struct {
	ID    string        `toml:"id"` // starts with "fallback."
	Event finding.Event `toml:"event"`
	// Locals are local parts of the From address, Kinds values of brand.Sender.Kind; either is enough. They count only
	// where the address is in a domain of the brand.
	Locals []string `toml:"locals,omitempty"`
	Kinds  []string `toml:"kinds,omitempty"`
	// Pattern are regular expressions for the subject, for every sender.
	Pattern []string `toml:"pattern,omitempty"`
	// Overrides makes Event take the place of what a subject entry found, unless that is about security or the account:
	// advertisements speak of everything.
	Overrides bool   `toml:"overrides,omitempty"`
	Source    string `toml:"source"`
	Date      string `toml:"date"`
}

// Labels are the words around the details of a notice, in one language. They are compared folded.
type Labels struct {
	// Words that stand before a value: "Device: …", or on the line above it.
	Device   []string `toml:"device,omitempty"`
	Near     []string `toml:"near,omitempty"`
	When     []string `toml:"when,omitempty"`  // date, or date and time
	Clock    []string `toml:"clock,omitempty"` // time of day, where it has a line of its own
	Merchant []string `toml:"merchant,omitempty"`
	Amount   []string `toml:"amount,omitempty"` // the total of an order, what is charged or due
	NextDate []string `toml:"next_date,omitempty"`
	OldEmail []string `toml:"old_email,omitempty"`
	NewEmail []string `toml:"new_email,omitempty"`
	// CardEnd are wordings of the last digits of a card; # stands for the digits.
	CardEnd []string `toml:"card_end,omitempty"`
	// Card are words that stand before the name of a card.
	Card []string `toml:"card,omitempty"`
	// Ends are words that say in the subject of subscription.changed that it ended, NotEnds those that say it did not.
	Ends    []string `toml:"ends,omitempty"`
	NotEnds []string `toml:"not_ends,omitempty"`
	// Between are wordings that stand between an old and a new e-mail address: "A から B", "from A to B".
	Between []string `toml:"between,omitempty"`
	// Renews are wordings of a sentence that names the day of the next charge: "renews on March 1, 2026".
	Renews []string `toml:"renews,omitempty"`
	// Services are the names of subscriptions, forms of one separated by "|", the one to show first. They stand as the
	// merchant of a subscription's notice that names none.
	Services []string `toml:"services,omitempty"`
	// Months are the names of the twelve months; forms of one are separated by "|".
	Months []string `toml:"months,omitempty"`
}

// decode reads one pack.
func decode(name string, data []byte) (Pack, error) {
	var p Pack
	d := toml.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Pack{}, fmt.Errorf("reading %s: %w", name, err)
	}
	p.Name = name
	sum := sha256.Sum256(data)
	p.Digest = hex.EncodeToString(sum[:])
	if err := p.check(); err != nil {
		return Pack{}, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Read reads the packs (*.toml) in the folder dir of fsys, in the order of their names, and checks them. Generated data and
// users' packs both come from here.
func Read(fsys fs.FS, dir string) ([]Pack, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.toml"))
	if err != nil {
		return nil, fmt.Errorf("listing notice packs: %w", err)
	}
	slices.Sort(names)
	var packs []Pack
	ids := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading notice pack: %w", err)
		}
		p, err := decode(path.Base(name), data)
		if err != nil {
			return nil, err
		}
		for _, id := range p.ids() {
			if other, ok := ids[id]; ok {
				return nil, fmt.Errorf("%s: entry %q is also in %s", p.Name, id, other)
			}
			ids[id] = p.Name
		}
		packs = append(packs, p)
	}
	return packs, nil
}

// ids lists the ids of all entries.
func (p *Pack) ids() []string {
	var ids []string
	for i := range p.Subjects {
		ids = append(ids, p.Subjects[i].ID)
	}
	for i := range p.Bodies {
		ids = append(ids, p.Bodies[i].ID)
	}
	for i := range p.Senders {
		ids = append(ids, p.Senders[i].ID)
	}
	return ids
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{2,79}$`)
	dateForm = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}){0,2}$`)
)

// check validates a pack, works out the literals of its patterns and folds what is compared folded.
func (p *Pack) check() error {
	for i := range p.Subjects {
		s := &p.Subjects[i]
		if err := s.Entry.check(p); err != nil {
			return err
		}
		if len(s.Pattern) == 0 {
			return fmt.Errorf("entry %q has no pattern", s.ID)
		}
		s.Literals = nil
		for _, text := range s.Pattern {
			literals, err := checkPattern(text)
			if err != nil {
				return fmt.Errorf("entry %q: %w", s.ID, err)
			}
			s.Literals = append(s.Literals, literals)
		}
		for _, text := range s.Unless {
			if _, err := checkPattern(text); err != nil {
				return fmt.Errorf("entry %q: %w", s.ID, err)
			}
		}
	}
	for i := range p.Bodies {
		b := &p.Bodies[i]
		if err := b.Entry.check(p); err != nil {
			return err
		}
		if len(b.Phrase) == 0 {
			return fmt.Errorf("entry %q has no phrase", b.ID)
		}
		for _, e := range b.Refines {
			if e != unknown && !slices.Contains(finding.Events(), finding.Event(e)) {
				return fmt.Errorf("entry %q refines %q, which is no event", b.ID, e)
			}
		}
		for _, phrase := range b.Phrase {
			if len(key(phrase)) < window {
				return fmt.Errorf("entry %q: phrase %q is too short: one piece of it needs %d bytes", b.ID, phrase, window)
			}
		}
		for _, phrase := range b.Unless {
			if key(phrase) == "" {
				return fmt.Errorf("entry %q: unless has an empty phrase", b.ID)
			}
		}
	}
	for i := range p.Senders {
		s := &p.Senders[i]
		if !strings.HasPrefix(s.ID, Fallback) || !idForm.MatchString(s.ID) {
			return fmt.Errorf("fallback %q: the id must start with %q", s.ID, Fallback)
		}
		if !slices.Contains(finding.Events(), s.Event) {
			return fmt.Errorf("fallback %q: %q is no event", s.ID, s.Event)
		}
		if s.Source == "" || !dateForm.MatchString(s.Date) {
			return fmt.Errorf("fallback %q needs source and date", s.ID)
		}
		for _, text := range s.Pattern {
			if _, err := checkPattern(text); err != nil {
				return fmt.Errorf("fallback %q: %w", s.ID, err)
			}
		}
	}
	for _, s := range p.Severities {
		if !slices.Contains(finding.Events(), s.Event) || s.Severity.Level() == 0 || s.Why == "" {
			return fmt.Errorf("event %q needs a known name, a severity and a reason", s.Event)
		}
	}
	if n := len(p.Details.Months); n != 0 && n != 12 {
		return fmt.Errorf("details.months has %d names", n)
	}
	for _, form := range p.Details.CardEnd {
		if strings.Count(form, "#") != 1 {
			return fmt.Errorf("details.card_end: %q needs one #", form)
		}
	}
	return nil
}

// check validates what every entry has. Its language and its brands are the pack's unless it has some of its own.
func (e *Entry) check(p *Pack) error {
	if e.Language == "" {
		e.Language = p.Language
	}
	if len(e.Brands) == 0 {
		e.Brands = p.Brands
	}
	switch {
	case !idForm.MatchString(e.ID) || strings.HasPrefix(e.ID, Fallback):
		return fmt.Errorf("entry %q: the id must be lower-case letters, digits, '_', '.' and '-'", e.ID)
	case !slices.Contains(finding.Events(), e.Event):
		return fmt.Errorf("entry %q: %q is no event", e.ID, e.Event)
	case e.Source == "":
		return fmt.Errorf("entry %q has no source", e.ID)
	case !dateForm.MatchString(e.Date):
		return fmt.Errorf("entry %q: date %q is not of the form 2006-01-02, 2006-01 or 2006", e.ID, e.Date)
	case !slices.Contains([]string{"H", "M", "L", "K"}, e.Confidence):
		return fmt.Errorf("entry %q: confidence %q is none of H, M, L, K", e.ID, e.Confidence)
	case len(e.Good) == 0:
		return fmt.Errorf("entry %q has no good sample", e.ID)
	}
	return nil
}

// checkPattern compiles a subject pattern and returns the literals of which every match holds one.
func checkPattern(text string) ([]string, error) {
	p := expand(text)
	if _, err := regexp.Compile(p); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	prev := 'a'
	for _, r := range text {
		// Such a space never matches: it is removed from the subject.
		if r == ' ' && isCJK(prev) || prev == ' ' && isCJK(r) {
			return nil, fmt.Errorf("pattern %q: no spaces beside Japanese or Chinese characters", text)
		}
		prev = r
	}
	return required(p), nil
}

// The abbreviations of patterns. A newer security notice starts with the marketplace in lower case and a colon in every
// language (NOTICES §1); some fakes leave the top-level domain out.
var abbreviations = strings.NewReplacer(
	`{amazon}`, `amazon(?:\.[a-z]{2,3}){0,2}`,
	`{shape}`, `^amazon(?:\.[a-z]{2,3}){0,2} ?: ?`,
)

// expand turns a pattern as written into the regular expression that is run on the folded subject.
func expand(text string) string { return abbreviations.Replace(foldPattern(text)) }
