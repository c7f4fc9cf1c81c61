package exchange

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	csvreport "github.com/mailaudit/mailaudit/report/csv"
	"github.com/mailaudit/mailaudit/report/view"
)

// indicator is something by which a fake can be known again.
type indicator struct {
	kind, value string // kind: "email-src", "domain", "url" or "ip-src", MISP's words
	count       int
	first, last time.Time
	example     string // id of a message
	brand       string
	links       int // messages that link to it
}

// maxIndicators bounds the list; a stream may hold millions of hosts.
const maxIndicators = 100_000

// innocent are the domains that no indicator is made of: those that genuine mail comes from and official links lead to.
// A fake that forges such an address says nothing of who sent it.
type innocent map[string]bool

// has reports whether a host is one of them, or below one.
func (in innocent) has(h string) bool {
	for h != "" {
		if in[h] {
			return true
		}
		_, rest, ok := strings.Cut(h, ".")
		if !ok || !strings.Contains(rest, ".") {
			return false
		}
		h = rest
	}
	return false
}

// shared are domains of mailbox providers: an address there is an indicator, the domain is not.
var shared = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.co.jp", "ymail.ne.jp", "icloud.com", "me.com", "aol.com",
	"gmx.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com", "naver.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp",
	"i.softbank.jp", "nifty.com", "ocn.ne.jp", "biglobe.ne.jp", "so-net.ne.jp", "plala.or.jp", "proton.me", "protonmail.com", "zoho.com", "fastmail.com",
}

// learnInnocent reads which domains are nobody's fault.
func learnInnocent(ctx context.Context, r *view.Report) (innocent, error) {
	in := innocent{}
	for _, b := range r.Profile().Brands {
		in[b.Site] = true
	}
	err := inOrder(ctx, r, func(i int, m *finding.Message) error {
		e := r.Entries[i]
		if m.Brand == "amazon" && m.Marketplace != "" {
			if h, ok := host("amazon." + m.Marketplace); ok {
				in[h] = true // whoever wrote it, the site is the brand's
			}
		}
		if v := e.VerdictWord(); m.From != nil && (v.FromAmazon() || v == finding.GenuineRelay) {
			if _, d, ok := strings.Cut(m.From.Address, "@"); ok {
				if h, ok := host(d); ok && !slices.Contains(shared, h) {
					in[h] = true
				}
			}
		}
		for k, l := range m.Links {
			if k == maxLinks {
				break
			}
			if h, ok := host(l.Host); ok && l.Official {
				in[h] = true
			}
		}
		return nil
	})
	delete(in, "")
	return in, err
}

// forged reports whether the From address of a fake is somebody else's: it failed the check of its domain, or the mail was
// sent in the name of another one. Such an address is its owner's, not the faker's.
func forged(m *finding.Message) bool {
	if m.Auth != nil && m.Auth.DMARC == "fail" {
		return true
	}
	return slices.ContainsFunc(m.Signals, func(s finding.Signal) bool {
		return s.ID == "auth.dmarc_fail" || s.ID == "auth.envelope_elsewhere"
	})
}

// indicators gathers them, most frequent first.
func indicators(ctx context.Context, r *view.Report) ([]*indicator, error) {
	in, err := learnInnocent(ctx, r)
	if err != nil {
		return nil, err
	}
	byValue := map[[2]string]*indicator{}
	add := func(m *finding.Message, kind, value string, link bool) {
		key := [2]string{kind, value}
		x := byValue[key]
		if x == nil {
			if len(byValue) >= maxIndicators {
				return
			}
			x = &indicator{kind: kind, value: value, brand: plain(m.Brand)}
			if finding.ValidMessageID(m.ID) {
				x.example = m.ID
			}
			byValue[key] = x
		}
		x.count++
		if link {
			x.links++
		}
		if m.Time != nil {
			if x.first.IsZero() || m.Time.Before(x.first) {
				x.first = *m.Time
			}
			if m.Time.After(x.last) {
				x.last = *m.Time
			}
		}
	}
	err = fakes(ctx, r, func(m *finding.Message) error {
		seen := map[[2]string]bool{}
		once := func(kind, value string, link bool) {
			if key := [2]string{kind, value}; !seen[key] {
				seen[key] = true
				add(m, kind, value, link)
			}
		}
		sender := func(s string) {
			a, ok := address(s)
			if !ok {
				return
			}
			_, d, _ := strings.Cut(a, "@")
			if in.has(d) {
				return
			}
			once("email-src", a, false)
			if !slices.Contains(shared, d) {
				once("domain", d, false)
			}
		}
		if m.From != nil && !forged(m) {
			sender(m.From.Address)
		}
		for k, a := range m.ReplyTo {
			if k == 5 {
				break
			}
			sender(a.Address)
		}
		if a, ok := client(m); ok {
			once("ip-src", a.String(), false)
		}
		for k, l := range m.Links {
			if k == maxLinks {
				break
			}
			if l.Official {
				continue
			}
			if h, ok := host(l.Host); ok && !in.has(h) {
				once("domain", h, true)
				if u, ok := webURL(target(l)); ok {
					once("url", u, true)
				}
			}
		}
		return nil
	})
	list := make([]*indicator, 0, len(byValue))
	for _, x := range byValue {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *indicator) int {
		if a.count != b.count {
			return b.count - a.count
		}
		return strings.Compare(a.kind+"\x00"+a.value, b.kind+"\x00"+b.value)
	})
	return list, err
}

// WriteIndicators writes what fakes can be known by as CSV: kind, value, number of fakes, first and last time, an example and
// the brand they pose as.
func WriteIndicators(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	return write(ctx, f, w, opt, "indicators", func(r *view.Report, b *bufio.Writer) error {
		list, err := indicators(ctx, r)
		if err != nil {
			return err
		}
		out := csv.NewWriter(b)
		out.UseCRLF = true
		if err := out.Write([]string{"type", "value", "messages", "first_seen", "last_seen", "brand", "example"}); err != nil {
			return err
		}
		stamp := func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.UTC().Format(time.RFC3339)
		}
		for _, x := range list {
			row := []string{x.kind, csvreport.Guard(x.value), strconv.Itoa(x.count), stamp(x.first), stamp(x.last), csvreport.Guard(x.brand), x.example}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}
