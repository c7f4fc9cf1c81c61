// Package exchange writes what a scan found in the forms that other tools read: a timeline for Timesketch, the fakes as MISP
// objects and as STIX 2.1, indicators as CSV, the days of statements as a calendar (RFC 5545), and abuse reports (RFC 5965).
//
// Tools need values as they are, so nothing here is defanged; control and invisible characters are spelled out all the
// same, and what is no address, host or URL is left out. Ids are made from content (UUID version 5), so that the same mail
// gives the same file and an import twice adds nothing.
package exchange

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/report/view"
)

// Bounds of what is taken from one message.
const (
	maxValue = 2000 // characters
	maxLinks = 100
)

// tool names the maker in every form.
const tool = "mailaudit"

// write builds the report and hands it to make with a buffer.
func write(ctx context.Context, f *finding.File, w io.Writer, opt view.Options, what string, do func(*view.Report, *bufio.Writer) error) error {
	r, err := view.Build(ctx, f, opt)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if err := do(r, b); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return b.Flush()
}

// inOrder reads the messages in the order of time, those without one first.
func inOrder(ctx context.Context, r *view.Report, each func(i int, m *finding.Message) error) error {
	for k := len(r.ByTime) - 1; k >= 0; k-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		i := int(r.ByTime[k])
		m, err := r.Message(i)
		if err != nil {
			return err
		}
		if err := each(i, m); err != nil {
			return err
		}
	}
	return nil
}

// fakes reads the impersonations in the order of time.
func fakes(ctx context.Context, r *view.Report, each func(m *finding.Message) error) error {
	return inOrder(ctx, r, func(i int, m *finding.Message) error {
		if !r.Entries[i].Fake() {
			return nil
		}
		return each(m)
	})
}

// plain is text from mail with nothing in it that is not seen.
func plain(s string) string { return script.Visible(view.CutText(s, maxValue)) }

// marshal is JSON as tools write it: <, > and & stay as they are.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

// address reports whether s is one mail address that tools take for one, and what it is in lower case.
func address(s string) (string, bool) {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 320 || strings.ContainsAny(s, " \t\r\n<>,;:\"()[]\\") || script.Visible(s) != s {
		return "", false
	}
	domain, ok = host(domain)
	return local + "@" + domain, ok
}

// host reports whether s is the name of a host, and what it is in lower case.
func host(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	labels := strings.Split(s, ".")
	if len(labels) < 2 || len(s) > 253 {
		return "", false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	last := labels[len(labels)-1]
	return s, len(last) >= 2 && strings.Trim(last, "0123456789") != ""
}

// webURL reports whether s is a URL of the web with a host that is one.
func webURL(s string) (string, bool) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || len(s) > maxValue || u.Scheme != "http" && u.Scheme != "https" || script.Visible(s) != s || strings.ContainsAny(s, " \t\"<>\\^`{|}") {
		return "", false
	}
	if _, ok := host(u.Hostname()); !ok {
		if _, err := netip.ParseAddr(u.Hostname()); err != nil {
			return "", false
		}
	}
	return s, true
}

// client is the public address from which a receiver took a message over.
func client(m *finding.Message) (netip.Addr, bool) {
	if m.Auth == nil {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(m.Auth.Client)
	if err != nil || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() {
		return a, false
	}
	return a.Unmap().WithZone(""), true
}

// target is where a link leads in the end.
func target(l finding.Link) string {
	if l.Final != "" {
		return l.Final
	}
	return l.Target
}

// uuid5 is a UUID made from a name in a namespace, RFC 9562 §5.5.
func uuid5(namespace, name string) string {
	space, err := hex.DecodeString(strings.ReplaceAll(namespace, "-", ""))
	if err != nil {
		return ""
	}
	sum := sha1.Sum(append(space, name...))
	b := sum[:16]
	b[6] = b[6]&0x0f | 0x50
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// own is the namespace of ids that no standard makes: the UUID of the URL of the project.
const own = "c88f7f77-ea8d-55c3-8656-cae8b0aea70c"

// made is the time that stands for the making of a file: the report's, not the clock's, so that the same mail gives the
// same file.
func made(r *view.Report) time.Time {
	if at := r.Config().AsOf; at != nil {
		return at.UTC()
	}
	if _, last := r.Span(); !last.IsZero() {
		return last.UTC()
	}
	return time.Unix(0, 0).UTC()
}
