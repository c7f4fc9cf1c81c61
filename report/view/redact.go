package view

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Redact returns src with people other than the owner and everything quoted from bodies masked, for handing a report over
// without handing over other people's mail.
//
// The same person has the same number all through one stream. Kept are the owner's own addresses, what the brand itself
// sent as sender, the domains and hosts of impersonations (they are the evidence), times, verdicts, digests and places of
// bytes, order numbers and amounts. Masked are all other addresses and names, subjects of mail between people, quotations
// in signals, texts and paths of links, devices, places, products and merchants, attachments' names, own labels, and any
// of these where they turn up again in another text; names of folders and files that not everybody has.
//
// It reads the messages once to learn who is in them.
func Redact(ctx context.Context, src finding.Reader, p *Printer) (finding.Reader, error) {
	r := &redacted{
		Reader: src, printer: p, mask: p.Say("redacted.text"), owner: map[string]bool{}, brand: map[string]bool{}, people: map[string]int{}, files: map[string]int{}, paths: map[string]string{}, secrets: map[string]string{},
		replace: strings.NewReplacer(),
	}
	for _, o := range src.Profile().Owner {
		r.owner[strings.ToLower(o)] = true
	}
	for _, s := range src.Sources() {
		r.file(s.Name) // the sources have the first numbers, see MaskNames
	}
	err := src.Messages(func(i int, m *finding.Message) error {
		r.learn(m)
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read findings to mask them: %w", err)
	}
	r.replace = r.replacer()
	r.head()
	return r, nil
}

// redacted is a Reader that masks. Its messages may be read from several goroutines at once: whoever is in them has a number
// by then.
type redacted struct {
	finding.Reader
	masking sync.Mutex // held while people and files are looked up
	printer *Printer
	mask    string
	owner   map[string]bool
	brand   map[string]bool   // domains that genuine mail came from: an address forged at one of them is nobody's
	people  map[string]int    // number of a person by address in lower case, or by name
	files   map[string]int    // number of a folder or file with a name of its own
	paths   map[string]string // what became of paths
	secrets map[string]string // text and what stands for it
	replace *strings.Replacer

	sources   []*finding.Source
	profile   *finding.Profile
	attention []*finding.Attention
	incidents []*finding.Incident
	series    []*finding.Series
}

func (r *redacted) Sources() []*finding.Source      { return r.sources }
func (r *redacted) Profile() *finding.Profile       { return r.profile }
func (r *redacted) Attention() []*finding.Attention { return r.attention }
func (r *redacted) Incidents() []*finding.Incident  { return r.incidents }
func (r *redacted) Series() []*finding.Series       { return r.series }

func (r *redacted) Message(i int) (*finding.Message, error) {
	m, err := r.Reader.Message(i)
	if err != nil {
		return nil, err
	}
	r.masking.Lock()
	defer r.masking.Unlock()
	return r.message(m), nil
}

func (r *redacted) Messages(visit func(i int, m *finding.Message) error) error {
	return r.Reader.Messages(func(i int, m *finding.Message) error { return visit(i, r.message(m)) })
}

func (r *redacted) Problems(visit func(*finding.Problem) error) error {
	return r.Reader.Problems(func(p *finding.Problem) error {
		q := *p
		q.Location, q.Reason = r.location(p.Location), r.scrub(p.Reason)
		// What the system says of a file may name it.
		for i, name := range p.Location.Path {
			if masked := q.Location.Path[i]; masked != name && name != "" {
				q.Reason = strings.ReplaceAll(q.Reason, name, masked)
				q.Reason = strings.ReplaceAll(q.Reason, path.Base(name), path.Base(masked))
			}
		}
		return visit(&q)
	})
}

// person is the number of who has an address or, without one, a name.
func (r *redacted) person(key string) int {
	key = strings.ToLower(strings.TrimSpace(key))
	n := r.people[key]
	if n == 0 {
		n = len(r.people) + 1
		r.people[key] = n
	}
	return n
}

func (r *redacted) standIn(n int) string { return r.printer.Say("redacted.person", "n", n) }

// learn takes note of the people and the body texts of a message.
func (r *redacted) learn(m *finding.Message) {
	if m.Verdict.FromAmazon() && m.From != nil {
		r.brand[domainOf(m.From.Address)] = true
	}
	lists := [][]finding.Address{m.MoreFrom, m.ReplyTo, m.To}
	if m.From != nil {
		lists = append([][]finding.Address{{*m.From}}, lists...)
	}
	for k, list := range lists {
		for _, a := range list {
			if a.Address == "" && a.Name == "" || r.owner[strings.ToLower(a.Address)] {
				continue
			}
			// Whoever poses as the brand writes its name; that name is no person's.
			if k == 0 && m.From != nil && (m.Verdict.FromAmazon() || m.Verdict == finding.Impersonation) {
				if !m.Verdict.FromAmazon() {
					r.person(a.Address)
				}
				continue
			}
			key := a.Address
			if key == "" {
				key = a.Name
			}
			n := r.person(key)
			r.secret(a.Name, r.standIn(n))
			for _, part := range strings.Fields(a.Name) {
				r.secret(part, r.standIn(n))
			}
		}
	}
	if d := m.Details; d != nil {
		for _, s := range []string{d.Device, d.Near, d.When, d.Merchant, d.Item} {
			r.secret(s, r.mask)
		}
	}
	for _, a := range m.Attachments {
		r.secret(a.Name, r.mask)
	}
	// Masking once gives every address of the message its number, in the order of the stream.
	r.message(m)
}

// secret notes a text to be masked wherever it turns up. Very short ones would mask half of every word, and names that
// are the brand's are no secret.
func (r *redacted) secret(s, standIn string) {
	s = strings.TrimSpace(s)
	runes := []rune(s)
	short := 4
	if len(runes) > 0 && runes[0] >= 0x2e80 {
		short = 2
	}
	low := strings.ToLower(s)
	if len(runes) < short || strings.Contains(low, "amazon") || strings.Contains(s, "アマゾン") || r.owner[low] {
		return
	}
	if _, ok := r.secrets[s]; !ok {
		r.secrets[s] = standIn
	}
}

// replacer replaces the secrets, longer ones first where one begins like another.
func (r *redacted) replacer() *strings.Replacer {
	list := make([]string, 0, len(r.secrets))
	for s := range r.secrets {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 2*len(list))
	for _, s := range list {
		pairs = append(pairs, s, r.secrets[s])
	}
	return strings.NewReplacer(pairs...)
}

var (
	addressPattern = regexp.MustCompile(`[^\s<>"'()\[\],;:@]+@[^\s<>"'()\[\],;:@/]+`)
	urlPattern     = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]{1,15}:)(//)?([^\s/?#]*)([/?#]\S*)?`)
	// phonePattern and postcodePattern find what identifies people in subjects: Japanese and international telephone
	// numbers and postcodes. Order numbers (3-7-7 digits) are the owner's and stay.
	phonePattern = regexp.MustCompile(`(?:\+\d{1,3}[- ]?|\b0)\d{1,4}[- ]\d{1,4}[- ]\d{3,4}\b|〒?\b\d{3}-\d{4}\b`)
	// namePattern finds a name by the title after it: 山田太郎様, 山田 太郎さん.
	namePattern = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}ー々]{1,8}(?:[ 　][\p{Han}\p{Katakana}ー]{1,6})?(?:様|さま|さん|殿)`)
)

// politeWords come before 様 without being anybody's name.
var politeWords = []string{"お客", "会員", "皆", "みな", "ユーザー", "カスタマー", "担当者", "各位", "利用者", "購入者", "受取人"}

// scrub masks addresses and known secrets in a text that is otherwise kept.
func (r *redacted) scrub(s string) string {
	if s == "" {
		return s
	}
	if strings.Contains(s, "@") {
		s = addressPattern.ReplaceAllStringFunc(s, r.address)
	}
	return r.replace.Replace(s)
}

// subject masks what identifies people in a subject that the brand wrote, or pretends to have written.
func (r *redacted) subject(s string) string {
	// The patterns are slow, and most subjects have nothing of what each must find.
	if strings.ContainsAny(s, "0123456789") {
		s = phonePattern.ReplaceAllString(s, r.mask)
	}
	if strings.Contains(s, "様") || strings.Contains(s, "さ") || strings.Contains(s, "殿") {
		s = namePattern.ReplaceAllStringFunc(s, func(name string) string {
			for _, w := range politeWords {
				if strings.Contains(name, w) {
					return name
				}
			}
			return r.mask
		})
	}
	if strings.Contains(s, ":") {
		s = urlPattern.ReplaceAllStringFunc(s, r.url)
	}
	return r.scrub(s)
}

// address masks an address unless it is the owner's.
func (r *redacted) address(s string) string {
	if s == "" || r.owner[strings.ToLower(s)] || strings.HasSuffix(s, "@masked.invalid") {
		return s
	}
	return "person" + strconv.Itoa(r.person(s)) + "@masked.invalid"
}

// stranger masks the local part of an impersonation's address: its domain is evidence, its local part may be a person
// whose mailbox was taken.
func (r *redacted) stranger(s string) string {
	if s == "" || r.owner[strings.ToLower(s)] {
		return s
	}
	domain := domainOf(s)
	switch {
	case domain == "":
		return r.mask
	case r.brand[domain]:
		return s
	}
	return "person" + strconv.Itoa(r.person(s)) + "@" + r.replace.Replace(domain)
}

// url keeps scheme and host of a URL: paths and queries carry addresses and tokens of people.
func (r *redacted) url(s string) string {
	parts := urlPattern.FindStringSubmatch(s)
	if parts == nil || parts[2] == "" {
		if scheme, _, ok := strings.Cut(s, ":"); ok && parts != nil {
			return scheme + ":" + r.mask
		}
		return r.mask
	}
	host := parts[3]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = r.mask + "@" + host[at+1:]
	}
	return parts[1] + "//" + r.replace.Replace(host) + "/" + r.mask
}

func (r *redacted) location(l evidence.Location) evidence.Location {
	l.Path = each(l.Path, r.file)
	return l
}

// MaskNames masks the names of sources, in their order, as Redact does in their stream.
func MaskNames(sources []string) []string {
	r := &redacted{files: map[string]int{}}
	return each(sources, r.file)
}

// maskedName is a name that file has masked.
var maskedName = regexp.MustCompile(`(^|/)masked-\d+(\.[^/]*)?(/|$)`)

// HasMaskedName tells whether a path of files and members is one that Redact masked.
func HasMaskedName(path []string) bool { return slices.ContainsFunc(path, maskedName.MatchString) }

// fileWord finds the words of a file's name, and commonWord those that mail programs and exports use for everybody.
var (
	fileWord   = regexp.MustCompile(`[\p{L}\p{M}ー]+`)
	commonWord = regexp.MustCompile(`(?i)^(takeout|google|gmail|mails?|mailbox(es)?|maildir|messages?|inbox|archives?|archived?|spam|junk|bulk|trash|deleted|bin|sent|items?|drafts?|templates?|outbox|all|starred|important|unread|local|folders?|profiles?|thunderbird|imapmail|apple|outlook|export(ed)?|backup|cur|new|tmp|input|amazon|statements?|mbox|eml|emlx|sbd|zip|tgz|tar|gz|msf|v|part|メール|すべての?メール|含むすべてのメール|受信トレイ|受信箱|迷惑メール|ごみ箱|ゴミ箱|送信済み(メール)?|下書き|アーカイブ|スター付き|重要|明細)$`)
)

// file masks a path of folders and files. Whoever sorts mail names folders after people, and such a name need not turn up
// anywhere else; a name is kept only where all its words are ones that everybody's mailbox has. The ending stays: it
// says what the file is.
func (r *redacted) file(s string) string {
	masked, ok := r.paths[s]
	if !ok {
		masked = r.maskFile(s)
		if len(r.paths) < maxPaths && r.paths != nil {
			r.paths[s] = masked
		}
	}
	return masked
}

// maxPaths bounds how many paths are remembered with what became of them: those of mailboxes come again with every message,
// those of a Maildir's files do not.
const maxPaths = 10_000

func (r *redacted) maskFile(s string) string {
	parts := strings.Split(s, "/")
	for i, part := range parts {
		ext := path.Ext(part)
		if len(ext) > 6 || !isPlain(ext) {
			ext = ""
		}
		for _, word := range fileWord.FindAllString(strings.TrimSuffix(part, ext), -1) {
			if commonWord.MatchString(word) {
				continue
			}
			if r.files[part] == 0 {
				r.files[part] = len(r.files) + 1
			}
			parts[i] = "masked-" + strconv.Itoa(r.files[part]) + ext
			break
		}
	}
	return strings.Join(parts, "/")
}
