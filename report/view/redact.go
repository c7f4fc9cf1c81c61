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

	"golang.org/x/text/width"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view/mask"
)

// Redact returns src with people other than the owner and everything quoted from bodies masked, for handing a report over
// without handing over other people's mail.
//
// The same person has the same number all through one stream. Kept are the owner's own addresses and name, the address that
// the brand itself sent from, the domains and hosts of impersonations (they are the evidence) and of the brand, the names
// under which impersonations pose as a service, times, verdicts, digests and places of bytes, ids, order numbers and
// amounts, and of subjects of notices and impersonations what package mask leaves. Masked are all other addresses, hosts and
// names, subjects of all other mail, quotations in signals, texts and paths of links, devices, places, products and
// merchants, attachments' names, own labels, and any of these where they turn up again in another text; names of folders
// and files that not everybody has.
//
// It reads the messages once to learn who is in them.
func Redact(ctx context.Context, src finding.Reader, p *Printer) (finding.Reader, error) {
	masker, err := mask.New(p.Say("redacted.text"))
	if err != nil {
		return nil, err
	}
	r := &redacted{Reader: src, printer: p, mask: p.Say("redacted.text"), masker: masker, files: map[string]int{}, paths: map[string]string{}, people: map[string]int{}}
	for _, o := range src.Profile().Owner {
		r.owner.add(o)
		r.hosts.add(domainOf(o))
	}
	for _, t := range src.Profile().Trust {
		r.hosts.add(t.Domain)
		r.hosts.add(t.AuthservID)
	}
	for _, s := range src.Sources() {
		r.file(s.Name) // the sources have the first numbers, see MaskNames
	}
	err = src.Messages(func(i int, m *finding.Message) error {
		r.learn(m)
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read findings to mask them: %w", err)
	}
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
	masker  *mask.Masker
	owner   words             // the owner's addresses
	senders words             // addresses that genuine mail came from
	brand   words             // their domains: an address forged at one of them is nobody's
	hosts   words             // what may be shown: the brand's, the receivers', and those of impersonations
	people  map[string]int    // number of a person by address in lower case, or by name
	files   map[string]int    // number of a folder or file with a name of its own
	paths   map[string]string // what became of paths

	sources   []*finding.Source
	profile   *finding.Profile
	attention []*finding.Attention
	incidents []*finding.Incident
	series    []*finding.Series
	ledger    []*finding.Ledger
}

// words is a set of words without regard to case.
type words map[string]bool

func (w *words) add(s string) {
	if *w == nil {
		*w = words{}
	}
	if s = strings.ToLower(strings.Trim(s, ". ")); s != "" {
		(*w)[s] = true
	}
}

func (w words) has(s string) bool { return w[strings.ToLower(strings.Trim(s, ". "))] }

// under reports whether a host is one of w or lies below one.
func (w words) under(host string) bool {
	host = strings.ToLower(strings.Trim(host, ". "))
	for host != "" {
		if w[host] {
			return true
		}
		_, parent, ok := strings.Cut(host, ".")
		if !ok || !strings.Contains(parent, ".") {
			return false
		}
		host = parent
	}
	return false
}

func (r *redacted) Sources() []*finding.Source      { return r.sources }
func (r *redacted) Profile() *finding.Profile       { return r.profile }
func (r *redacted) Attention() []*finding.Attention { return r.attention }
func (r *redacted) Incidents() []*finding.Incident  { return r.incidents }
func (r *redacted) Series() []*finding.Series       { return r.series }
func (r *redacted) Ledger() []*finding.Ledger       { return r.ledger }

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
		q.Location, q.Stage = r.location(p.Location), r.plain(p.Stage)
		// What the system says of a file may name it.
		for i, name := range p.Location.Path {
			if masked := q.Location.Path[i]; masked != name && name != "" {
				q.Reason = strings.ReplaceAll(q.Reason, name, masked)
				q.Reason = strings.ReplaceAll(q.Reason, path.Base(name), path.Base(masked))
			}
		}
		q.Reason = r.subject(q.Reason)
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

// learn takes note of the people and the body texts of a message, and of the hosts that may be shown.
func (r *redacted) learn(m *finding.Message) {
	own, fake := m.Verdict.FromAmazon(), m.Verdict == finding.Impersonation
	if m.From != nil && own {
		r.senders.add(m.From.Address)
		r.brand.add(domainOf(m.From.Address))
		r.hosts.add(domainOf(m.From.Address))
	}
	if m.From != nil && fake {
		r.hosts.add(domainOf(m.From.Address))
		r.hosts.add(domainOf(m.ReturnPath))
	}
	for _, l := range m.Links {
		if l.Official || fake {
			r.hosts.add(l.Host)
		}
	}
	for _, g := range m.Signals {
		if fake && strings.HasPrefix(g.ID, "link.") {
			for _, u := range urlPattern.FindAllStringSubmatch(g.Shown, 3) {
				if isHost(u[3]) {
					r.hosts.add(u[3])
				}
			}
			if isHost(g.Shown) {
				r.hosts.add(g.Shown)
			}
		}
	}
	lists := [][]finding.Address{m.MoreFrom, m.ReplyTo, m.To}
	if m.From != nil {
		lists = append([][]finding.Address{{*m.From}}, lists...)
	}
	for k, list := range lists {
		for _, a := range list {
			if a.Address == "" && a.Name == "" || r.owner.has(a.Address) {
				continue
			}
			// Whoever poses as the brand writes its name; that name is no person's.
			if k == 0 && m.From != nil && (own || fake && r.masker.Service(a.Name)) {
				if !own {
					r.person(a.Address)
				}
				continue
			}
			r.meet(a)
		}
	}
	if d := m.Details; d != nil {
		for _, s := range []string{d.Device, d.Near, d.When, d.Merchant, d.Item} {
			r.secret(s, r.mask)
		}
	}
	for _, a := range m.Attachments {
		r.secret(a.Name, r.mask)
		r.secret(strings.TrimSuffix(a.Name, path.Ext(a.Name)), r.mask)
	}
	// Masking once gives every address of the message its number, in the order of the stream.
	r.message(m)
}

// localPart finds the words of the part of an address before the @.
var localPart = regexp.MustCompile(`[\p{L}\p{M}]+`)

// meet takes note of somebody: of the name, its parts, and of the parts of the address that are words.
func (r *redacted) meet(a finding.Address) {
	key := a.Address
	if key == "" {
		key = a.Name
	}
	standIn := r.standIn(r.person(key))
	r.secret(a.Name, standIn)
	for _, part := range strings.Fields(a.Name) {
		r.secret(part, standIn)
	}
	local, _, _ := strings.Cut(a.Address, "@")
	r.secret(local, standIn)
	for _, part := range localPart.FindAllString(local, 8) {
		if len(part) > 3 {
			r.secret(part, standIn)
		}
	}
}

// secret notes a text to be masked wherever it turns up. Words that everybody uses and names that are the brand's are no
// secret.
func (r *redacted) secret(s, standIn string) {
	s = strings.TrimSpace(s)
	low := strings.ToLower(s)
	if strings.Contains(low, "amazon") || strings.Contains(s, "アマゾン") || r.owner[low] || r.masker.Common(strings.Trim(s, ".,;:()\"'")) {
		return
	}
	r.masker.Learn(s, standIn)
}

// urlPattern finds a URL within a text.
var urlPattern = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]{1,15}:)(//)?([^\s/?#]*)([/?#]\S*)?`)

// scrub masks addresses and known secrets in a text that is otherwise kept.
func (r *redacted) scrub(s string) string {
	return r.masker.Known(mask.Addresses(s, r.address))
}

// subject masks what identifies people in a line that the brand wrote, or pretends to have written.
func (r *redacted) subject(s string) string {
	if strings.Contains(s, ":") {
		s = urlPattern.ReplaceAllStringFunc(s, func(u string) string {
			if !strings.Contains(u, "//") && !strings.Contains(u, "@") && !strings.Contains(u, "=") && !strings.HasPrefix(strings.ToLower(u), "tel:") {
				return u // "Re: hello", 件名: …
			}
			return r.url(u)
		})
	}
	s = mask.Addresses(s, r.address)
	if strings.Contains(s, ".") {
		s = hostWord.ReplaceAllStringFunc(s, func(word string) string {
			if !hostLike(word) || word[0] == '@' || strings.Contains(word, "masked.invalid") || maskedName.MatchString(word) {
				return word
			}
			return r.host(word)
		})
	}
	return r.masker.Text(s)
}

// hostWord finds what may be a host within a text, and the @ of an address before it, which is none.
var hostWord = regexp.MustCompile(`@?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)

// address masks an address unless it is the owner's.
func (r *redacted) address(s string) string {
	if s == "" || r.owner.has(s) || strings.HasSuffix(s, "@masked.invalid") {
		return s
	}
	return "person" + strconv.Itoa(r.person(s)) + "@masked.invalid"
}

// stranger masks the local part of an impersonation's address: its domain is evidence, its local part may be a person
// whose mailbox was taken, or whoever the mail was sent to.
func (r *redacted) stranger(s string) string {
	if s == "" || r.owner.has(s) || r.senders.has(s) {
		return s
	}
	local, domain := "", domainOf(s)
	switch local, _, _ = strings.Cut(s, "@"); {
	case domain == "" || !isHost(domain):
		return r.mask
	case r.brand.has(domain) && r.role(local):
		return s
	}
	return "person" + strconv.Itoa(r.person(s)) + "@" + r.masker.Known(domain)
}

// role reports whether the part of an address before the @ is an office and no person: no-reply, account-update.
func (r *redacted) role(local string) bool {
	parts := localPart.FindAllString(local, -1)
	for _, part := range parts {
		if !r.masker.Common(part) {
			return false
		}
	}
	return len(parts) > 0 && !strings.ContainsAny(local, "0123456789")
}

// isHost reports whether s has the form of a host, and no more characters than one.
func isHost(s string) bool {
	return isPlain(s) && strings.Contains(s, ".") && !strings.ContainsAny(s, "+_:") && strings.Trim(s, "0123456789.") != ""
}

// host keeps a host that may be shown. Names of people in it are masked all the same.
func (r *redacted) host(s string) string {
	switch {
	case s == "":
		return ""
	case r.hosts.under(s) || siteText.MatchString(strings.ToLower(s)):
		return r.masker.Known(r.masker.Numbers(s))
	}
	return r.mask
}

// url keeps scheme and, where it may be shown, the host of a URL: paths and queries carry addresses and tokens of people.
func (r *redacted) url(s string) string {
	parts := urlPattern.FindStringSubmatch(s)
	if parts == nil || parts[2] == "" {
		if scheme, _, ok := strings.Cut(s, ":"); ok && parts != nil && isPlain(scheme) && len(scheme) < 12 {
			return scheme + ":" + r.mask
		}
		return r.mask
	}
	host, user := parts[3], ""
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host, user = host[at+1:], r.mask+"@"
	}
	return parts[1] + "//" + user + r.host(host) + "/" + r.mask
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

// HasMaskedName reports whether a path of files and members is one that Redact masked.
func HasMaskedName(path []string) bool { return slices.ContainsFunc(path, maskedName.MatchString) }

// fileWord finds the words of a file's name, and commonWord those that mail programs and exports use for everybody.
var (
	fileWord   = regexp.MustCompile(`[\p{L}\p{M}ー]+`)
	commonWord = regexp.MustCompile(`(?i)^(takeout|google|gmail|mails?|mailbox(es)?|maildir|messages?|inbox|archives?|archived?|spam|junk|bulk|trash|deleted|bin|sent|items?|drafts?|templates?|outbox|all|starred|important|unread|local|folders?|profiles?|thunderbird|imapmail|apple|outlook|export(ed)?|backup|cur|new|tmp|input|amazon|statements?|mbox|eml|emlx|sbd|zip|tgz|tar|gz|msf|v|part|t|z|メール|すべての?メール|含むすべてのメール|受信トレイ|受信箱|迷惑メール|ごみ箱|ゴミ箱|送信済み(メール)?|下書き|アーカイブ|スター付き|重要|明細)$`)
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
		ext := ending(part)
		if everybodys(strings.TrimSuffix(part, ext)) {
			continue
		}
		if r.files[part] == 0 {
			r.files[part] = len(r.files) + 1
		}
		parts[i] = "masked-" + strconv.Itoa(r.files[part]) + ext
	}
	return strings.Join(parts, "/")
}

// everybodys reports whether a name of a folder, a file or a label may be in anybody's mailbox: all its words are, and its
// numbers are short ones, days or times of delivery.
func everybodys(name string) bool {
	for _, word := range fileWord.FindAllString(name, -1) {
		if !commonWord.MatchString(word) {
			return false
		}
	}
	figures := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '.' || r == '(' || r == ')' || r == '+' {
			return -1
		}
		return r
	}, width.Narrow.String(name))
	for _, n := range strings.FieldsFunc(figures, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(n) > 6 && !dayOrTime.MatchString(n) {
			return false
		}
	}
	return !strings.ContainsAny(name, "@＠")
}

// dayOrTime is a day with perhaps a short number beside it, or the seconds that begin the name of a file of a Maildir.
var dayOrTime = regexp.MustCompile(`^((19|20)\d\d(0[1-9]|1[0-2])([0-3]\d)?\d{0,4}|1\d{9}|(19|20)\d{2})$`)

// ending is the ending of a file's name where it is one that files have, else "".
func ending(name string) string {
	ext := path.Ext(name)
	if len(ext) > 1 && (slices.Contains(fileEndings, strings.ToLower(ext[1:])) || slices.Contains(mailEndings, strings.ToLower(ext[1:]))) {
		return ext
	}
	return ""
}

// mailEndings are the endings of files and folders of mail.
var mailEndings = []string{"mbox", "mbx", "eml", "emlx", "emlxpart", "msf", "sbd", "pst", "ost", "mab", "maildir", "olm", "dbx", "com"}
