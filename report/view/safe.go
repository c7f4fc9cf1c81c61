package view

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// MaxShown is how many characters of one value from mail are shown where a format sets no other bound. Subjects beyond
// some 200 characters are not read by anybody; a workbook's cell and the stream itself keep more.
const MaxShown = 300

// cut is the mark of a text that goes on.
const cut = "…"

// liveURL finds what terminals, mail programs and office programs turn into links by themselves.
var liveURL = regexp.MustCompile(`(?i)\b(https?|ftp)://|\bwww\.`)

// Safe makes text from mail harmless to show: invisible and control characters spelled out, nothing that a program would
// turn into a link, at most MaxShown characters.
func Safe(s string) string { return SafeN(s, MaxShown) }

// SafeN is Safe with a bound of n characters.
func SafeN(s string, n int) string {
	s = CutText(s, n)
	s = script.Visible(s)
	if !mayBeLive(s) {
		return s
	}
	return liveURL.ReplaceAllStringFunc(s, defangStart)
}

// mayBeLive reports whether liveURL can match at all: a report asks it of every text of every message.
func mayBeLive(s string) bool {
	if strings.Contains(s, "://") {
		return true
	}
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '.')
		if i < 0 {
			return false
		}
		if from += i + 1; from >= 4 && strings.EqualFold(s[from-4:from-1], "www") {
			return true
		}
	}
}

func defangStart(s string) string {
	if i := strings.Index(s, "://"); i >= 0 {
		return defangScheme(s[:i]) + "://"
	}
	return s[:len(s)-1] + "[.]"
}

// CutText returns the first n characters of s, with a mark where there were more. Bytes that are no UTF-8 count as one
// character each and become U+FFFD.
func CutText(s string, n int) string {
	if len(s) <= n && utf8.ValidString(s) {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return strings.ToValidUTF8(s[:i], "\uFFFD") + cut
		}
		count++
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Address shows an address of a message: plain for what the brand itself or a person sent, defanged for strangers that
// pose or may pose as it.
func Address(m *finding.Message, address string) string {
	if Trusted(m) {
		return SafeN(address, MaxShown)
	}
	return DefangAddress(address)
}

// Quote shows text out of a message: hosts and addresses in it plain for what the brand itself wrote, defanged for all
// else.
func Quote(m *finding.Message, s string) string { return QuoteN(m, s, MaxShown) }

// QuoteN is Quote with a bound of n characters.
func QuoteN(m *finding.Message, s string, n int) string {
	if m.Verdict.FromAmazon() && m.ContentRisk != "high" {
		return SafeN(s, n)
	}
	return defangQuote(SafeN(s, n))
}

// Trusted reports whether addresses and hosts of m may be shown plainly.
func Trusted(m *finding.Message) bool {
	return m.Verdict.FromAmazon() || m.Verdict == finding.GenuineRelay
}

// LinkTarget shows where a link leads: the final target where it was read off, else the target; plain only for official
// hosts of genuine mail.
func LinkTarget(m *finding.Message, l finding.Link) string {
	target := l.Target
	if l.Final != "" {
		target = l.Final
	}
	if l.Official && Trusted(m) {
		if u, err := url.Parse(target); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
			return script.Visible(CutText(target, MaxShown))
		}
	}
	return DefangURL(target)
}

// LinkShown shows the text of a link, which often reads like an address itself.
func LinkShown(l finding.Link) string {
	return defangQuote(SafeN(l.Shown, 120))
}
