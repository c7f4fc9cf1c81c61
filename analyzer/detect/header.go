package detect

import (
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/message"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/analyzer/sender"
)

var (
	// info-vvhfxjblzphkaylyeqyqjdk@…: a word and a row of letters that no program and no person chose.
	randomLocal = lazily(`^(?:[a-z]{2,12}[-._])?[a-z]{16,40}$`)
	vowels      = lazily(`[aeiou]`)
	// A local time and digits at the sending host, digits alone, a row of hexadecimal digits at a name that is no host.
	brokenZone   = lazily(`^[+-](\d{1,3}|\d{5,})$`) // "+000": a program that puts dates together by hand
	oddMessageID = lazily(`^<(?:\d{17,20}@|[0-9A-F]{32}@[A-Za-z0-9.]*>|[^@>]*@(?:localhost|[A-Za-z0-9-]*)>$)`)
)

// headers judges the fields of the header. They mean something only beside a message that poses: people's mail programs
// write such fields every day, the brand's machines never do.
func headers(s *scene) {
	if s.via || s.out.Forward != "" {
		// The header is the list's or the forwarding person's own.
		if s.via && s.posing.any() {
			s.authorFields()
		}
		return
	}
	if len(s.m.From) > 1 || s.m.FromFields > 1 {
		s.add("header.many_from", s.m.From[len(s.m.From)-1].Address)
	}
	if s.oddHost && s.official {
		s.add("brand.foreign_letters", s.from.Address)
	}
	s.toBrand()
	if !s.posing.any() {
		return
	}
	if s.host == "" && s.posing.claims() {
		s.add("header.no_address", s.from.Name+" <"+s.from.Address+">")
	}
	s.replyTo()
	s.authorFields()
	for _, d := range s.m.Defects {
		if d.Kind == message.StructureDoubt {
			s.add("mime.two_readings", d.Detail)
			break
		}
	}
	if p := s.m.Header.Get("X-Priority"); strings.HasPrefix(p, "1") {
		s.add("header.priority", "X-Priority: "+p)
	}
	for _, a := range s.m.To {
		if !s.official && a.Address != "" && strings.EqualFold(a.Address, s.from.Address) {
			s.add("header.to_self", a.Address)
			break
		}
	}
	if l := strings.TrimSuffix(s.local, "."); !s.official && randomLocal().MatchString(l) && rare(l) {
		s.add("header.random_local", s.from.Address)
	}
}

// toBrand finds a message that is addressed to the brand instead of its reader: the sender fills To with an address of the
// brand so that it looks like the brand's own mail, and puts the readers into the envelope.
func (s *scene) toBrand() {
	if s.official || len(s.m.To) != 1 {
		return
	}
	host := sender.Host(s.m.To[0].Address)
	// Who reports a fake writes to the brand too, and so does who answers a seller.
	b, d, ok := s.officialSender(host)
	if ok && b == s.brand && d.Role != brand.Relay && !s.has("context.discussion") && s.out.Forward == "" && !strings.Contains(s.m.To[0].Address, "spoof") && !strings.Contains(s.m.To[0].Address, "phish") && !strings.Contains(s.m.To[0].Address, "abuse") && s.calls() {
		s.add("header.to_brand", s.m.To[0].Address)
	}
}

// rare reports whether letters follow each other as no language has them: few vowels, or five consonants in a row.
func rare(l string) bool {
	if i := strings.LastIndexAny(l, "-._"); i >= 0 {
		l = l[i+1:]
	}
	if len(l) < 12 {
		return false
	}
	row := 0
	for _, r := range l {
		if strings.ContainsRune("aeiouy", r) {
			row = 0
			continue
		}
		if row++; row >= 5 {
			return true
		}
	}
	return len(vowels().FindAllString(l, -1))*4 < len(l)
}

// replyTo compares where answers go with where the message says it comes from.
func (s *scene) replyTo() {
	for _, r := range s.m.ReplyTo {
		host := sender.Host(r.Address)
		if host == "" || s.brandHost(host) {
			continue
		}
		switch {
		case s.official:
			s.addAs("header.reply_to_elsewhere", finding.Strong, r.Address)
		case hostname.Registrable(host) != hostname.Registrable(s.host):
			s.add("header.reply_to_elsewhere", r.Address)
		}
		return
	}
}

// authorFields judges what the author's program wrote, which lists and forwarders keep.
func (s *scene) authorFields() {
	own := s.brand.Fingerprint
	if z := s.m.Date.Zone; own.DateZone != "" && !s.relay() && z != "" && s.noticeLike() {
		switch {
		case slices.Contains(own.ForeignZones, z) || z == "-0800" && s.language == "ja":
			s.add("header.date_zone", s.m.Date.Raw)
		case brokenZone().MatchString(z):
			s.add("header.date_zone", s.m.Date.Raw)
		case s.official && z != "+0000" && z != "GMT" && z != "UTC" && z != "Z" && z != "-0000":
			// Genuine notices run on UTC whatever the marketplace (OFFICIAL §4); old ones and other departments did not always.
			s.addAs("header.date_zone", finding.Weak, s.m.Date.Raw)
		}
	}
	mailer := s.m.Header.Get("X-Mailer")
	if mailer == "" {
		mailer = s.m.Header.Get("User-Agent")
	}
	if mailer != "" && s.noticeLike() {
		s.addAs("header.mailer", mailerStrength(mailer), mailer)
	}
	if id := s.m.MessageID; id != "" && own.MessageID != "" && !s.relay() && s.noticeLike() {
		switch {
		case oddMessageID().MatchString(id):
			s.add("header.message_id", id)
		case s.official && s.m.Date.Time.Year() >= sesYear && !s.brandMessageID(id):
			s.add("header.message_id", id)
		}
	}
	raw := strings.TrimSpace(s.m.Subject)
	if strings.HasPrefix(raw, "回复") && s.language == "ja" {
		s.add("header.chinese_reply", raw)
	}
	if s.language == "ja" {
		for _, b := range s.m.Bodies {
			switch strings.ToLower(b.Declared) {
			case "gb2312", "gbk", "gb18030", "big5":
				s.add("header.charset", b.Declared)
				return
			}
		}
	}
}

// sesYear is from when on the brand has sent its notices through its own mail service, which writes the Message-ID.
const sesYear = 2013

// brandMessageID reports whether a Message-ID is of the form that the brand's mail service writes. Where the form is not
// known every one is.
func (s *scene) brandMessageID(id string) bool {
	id = strings.ToLower(id)
	if strings.Contains(id, "@amazon.") || strings.Contains(id, ".smtp-out") {
		return false
	}
	return true
}

// relay reports whether the sender's domain carries text of customers, who use what programs they like.
func (s *scene) relay() bool { return s.official && s.domain.Role == "relay" }

// noticeLike reports whether the message poses as a notice of a machine rather than a person's mail.
func (s *scene) noticeLike() bool { return s.posing.any() && !s.has("context.discussion") }

// mailerStrength weighs a mail program's name: programs that people use on their own computers are no senders of
// notices; bulk programs name themselves in honest newsletters too.
func mailerStrength(mailer string) finding.Strength {
	l := script.Fold(mailer)
	for _, p := range []string{"outlook express", "foxmail", "microsoft outlook", "supmailer", "thunderbird", "becky", "the bat", "dreammail", "windows live mail", "smart_send", "phpmailer", "cdo for windows", "king-mailer", "ymlf"} {
		if strings.Contains(l, p) {
			return finding.Medium
		}
	}
	if kitMailer().MatchString(mailer) {
		return finding.Medium
	}
	return finding.Weak
}

// kitMailer is a random word and a number: "Uoqziwuqu 1".
var kitMailer = lazily(`^[A-Z][a-z]{4,14} \d{1,2}$`)
