package exchange

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/script"
	"github.com/mailaudit/mailaudit/report/view"
)

// day is one entry of the calendar.
type day struct {
	date       time.Time
	what, note string
	id         string
}

// WriteCalendar writes the days of statements as an iCalendar file (RFC 5545): when a payment is due or a subscription is
// charged next, as the mails say, and when the next statement of a series is expected.
func WriteCalendar(ctx context.Context, f *finding.File, w io.Writer, opt view.Options) error {
	return write(ctx, f, w, opt, "calendar", func(r *view.Report, b *bufio.Writer) error {
		days, err := days(ctx, r)
		if err != nil {
			return err
		}
		stamp := made(r).Format("20060102T150405Z")
		put := func(line string) { fold(b, line) }
		put("BEGIN:VCALENDAR")
		put("VERSION:2.0")
		put("PRODID:-//mailaudit//" + escape(plain(r.Config().Version)) + "//" + strings.ToUpper(string(r.Lang)))
		put("CALSCALE:GREGORIAN")
		put("METHOD:PUBLISH")
		put("X-WR-CALNAME:" + escape(r.Say("exchange.calendar")))
		for _, d := range days {
			put("BEGIN:VEVENT")
			put("UID:" + uuid5(own, "day "+d.id+d.date.Format(time.DateOnly)) + "@mailaudit.invalid")
			put("DTSTAMP:" + stamp)
			put("DTSTART;VALUE=DATE:" + d.date.Format("20060102"))
			put("DTEND;VALUE=DATE:" + d.date.AddDate(0, 0, 1).Format("20060102"))
			put("SUMMARY:" + escape(d.what))
			if d.note != "" {
				put("DESCRIPTION:" + escape(d.note))
			}
			put("TRANSP:TRANSPARENT")
			put("END:VEVENT")
		}
		put("END:VCALENDAR")
		return nil
	})
}

// days lists the entries: what mails say first, then what is expected.
func days(ctx context.Context, r *view.Report) (list []day, err error) {
	from := made(r).AddDate(0, 0, -31) // what is long past is no appointment
	seen := map[string]bool{}
	err = inOrder(ctx, r, func(i int, m *finding.Message) error {
		d := m.Details
		if d == nil || d.NextDate == "" || !r.Entries[i].VerdictWord().FromAmazon() {
			return nil
		}
		date, err := time.Parse(time.DateOnly, d.NextDate)
		if err != nil || date.Before(from) || date.After(from.AddDate(3, 0, 0)) {
			return nil // no day, or none that anybody waits for
		}
		key := m.Brand + "|" + d.CardEnd + "|" + d.Item + "|" + d.NextDate
		if seen[key] || len(list) >= 5000 {
			return nil
		}
		seen[key] = true
		amount := ""
		if d.Amount != "" {
			amount = r.Amount(d.Amount, d.Currency)
		}
		e := day{date: date, id: key, what: r.Say("exchange.due", "issuer", m.Brand), note: strings.TrimSpace(amount + " " + plain(m.Subject))}
		if amount != "" {
			e.what = r.Say("exchange.due.amount", "issuer", m.Brand, "amount", amount)
		}
		list = append(list, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range r.Series() {
		if e, ok := expected(r, s); ok {
			list = append(list, e)
		}
	}
	return list, nil
}

// expected is the day on which the next statement of a monthly series is waited for: the day of the month of its last one, in
// the first month that is not due yet or late.
func expected(r *view.Report, s *finding.Series) (day, bool) {
	last := 0
	for _, p := range s.Periods {
		if i, ok := r.Index(p.Message); ok && p.Message != "" && r.Entries[i].Time != 0 {
			last = time.Unix(r.Entries[i].Time, 0).In(r.Zone).Day()
		}
	}
	if last == 0 {
		return day{}, false
	}
	for _, p := range s.Periods {
		if p.State != "not_due" && p.State != "late" {
			continue
		}
		month, err := time.Parse("2006-01", p.Period)
		if err != nil {
			continue
		}
		end := month.AddDate(0, 1, -1).Day()
		return day{
			date: month.AddDate(0, 0, min(last, end)-1), id: s.ID + p.Period,
			what: r.Say("exchange.expected", "series", r.SeriesName(s)), note: r.Word("state", p.State),
		}, true
	}
	return day{}, false
}

// escape writes text as RFC 5545 §3.3.11 wants it.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r", "", "\n", `\n`).Replace(s)
}

// fold writes a line in pieces of at most 75 bytes, RFC 5545 §3.1, never within a character.
func fold(b *bufio.Writer, line string) {
	limit := 75
	for len(line) > limit {
		piece := script.Cut(line, limit)
		b.WriteString(piece + "\r\n ")
		line, limit = line[len(piece):], 74
	}
	b.WriteString(line + "\r\n")
}
