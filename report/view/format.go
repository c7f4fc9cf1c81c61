package view

import (
	"strconv"
	"strings"
	"time"
)

// Time is 2026年2月3日 13:05, or 3 Feb 2026, 13:05.
func (p *Printer) Time(t time.Time) string {
	t = t.In(p.Zone)
	if p.Lang == JA {
		return t.Format("2006年1月2日 15:04")
	}
	return t.Format("2 Jan 2006, 15:04")
}

// Date is 2026年2月3日, or 3 February 2026.
func (p *Printer) Date(t time.Time) string {
	t = t.In(p.Zone)
	if p.Lang == JA {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

// ShortDate leaves out the year: 2月3日, or 3 Feb.
func (p *Printer) ShortDate(t time.Time) string {
	t = t.In(p.Zone)
	if p.Lang == JA {
		return t.Format("1月2日")
	}
	return t.Format("2 Jan")
}

// Account names an account of the record stream, "address/marketplace", as people do: a@example.com (amazon.co.jp).
func (p *Printer) Account(s string) string {
	address, market, ok := strings.Cut(s, "/")
	if !ok || market == "" {
		return Safe(address)
	}
	for _, b := range p.names {
		if b.Site == market {
			return p.accountName(address + " (" + market + ")")
		}
	}
	return p.accountName(address + " (amazon." + market + ")")
}

// accountName shows the name of an account, "a@example.com (amazon.co.jp)", with the brackets of the language.
func (p *Printer) accountName(name string) string {
	name = Safe(name)
	address, market, ok := strings.Cut(name, " (")
	if p.Lang != JA || !ok || !strings.HasSuffix(market, ")") {
		return name
	}
	return address + "（" + strings.TrimSuffix(market, ")") + "）"
}

// quotedAccount is the name of an account within a sentence; in Japanese, which sets no spaces, its address is quoted.
func (p *Printer) quotedAccount(name string) string {
	name = p.accountName(name)
	if p.Lang != JA || name == "" {
		return name
	}
	if address, market, ok := strings.Cut(name, "（"); ok {
		return "「" + address + "」（" + market
	}
	return "「" + name + "」"
}

// Weekday is 月, or Mon.
func (p *Printer) Weekday(t time.Time) string {
	t = t.In(p.Zone)
	if p.Lang == JA {
		return strings.Split("日月火水木金土", "")[t.Weekday()]
	}
	return t.Format("Mon")
}

// Clock is 13:05.
func (p *Printer) Clock(t time.Time) string { return t.In(p.Zone).Format("15:04") }

// Month is 2026年2月, or February 2026.
func (p *Printer) Month(t time.Time) string {
	t = t.In(p.Zone)
	if p.Lang == JA {
		return t.Format("2006年1月")
	}
	return t.Format("January 2006")
}

// ShortMonth is 2月, or Feb.
func (p *Printer) ShortMonth(m time.Month) string {
	if p.Lang == JA {
		return strconv.Itoa(int(m)) + "月"
	}
	return m.String()[:3]
}

// Period is a period of a series, "2026-01", "2026-W05" or "2026", as people write it.
func (p *Printer) Period(s string) string {
	if t, err := time.Parse("2006-01", s); err == nil {
		return p.Month(time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, p.Zone))
	}
	if year, week, ok := strings.Cut(s, "-W"); ok {
		return p.Say("period.week", "year", year, "week", strings.TrimLeft(week, "0"))
	}
	if len(s) == 4 {
		return p.Say("period.year", "year", s)
	}
	return Safe(s)
}

// ZoneName names the zone and its distance from UTC at t: Europe/Paris (UTC+01:00). Zones that keep one time all year may
// have a text that names them.
func (p *Printer) ZoneName(t time.Time) string {
	if id := "zone." + p.Zone.String(); p.Has(id) {
		return p.Say(id)
	}
	offset := t.In(p.Zone).Format("-07:00")
	switch p.Zone.String() {
	case "UTC", "Etc/UTC":
		return "UTC"
	case "Local": // the machine's, which has no name that could be found
		return "UTC" + offset
	}
	if p.Lang == JA {
		return p.Zone.String() + "（UTC" + offset + "）"
	}
	return p.Zone.String() + " (UTC" + offset + ")"
}

// Number is n with its thousands set apart.
func (p *Printer) Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	digits := strings.TrimPrefix(s, "-")
	if len(digits) <= 3 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:len(s)-len(digits)])
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Bytes is a size with a unit of 1,000: 12.3 MB.
func (p *Printer) Bytes(n int64) string {
	if n < 1000 {
		return p.Say("value.bytes", "n", n)
	}
	f, unit := float64(n), 0
	for f >= 999.95 && unit < 4 {
		f /= 1000
		unit++
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + []string{"B", "kB", "MB", "GB", "TB"}[unit]
}

// Amount is a sum of money as people write it: 1,234円 or $1,234.50.
func (p *Printer) Amount(amount, currency string) string {
	whole, frac, hasFrac := strings.Cut(amount, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
		whole = p.Number(n)
	}
	if hasFrac {
		whole += "." + frac
	}
	whole = Safe(whole)
	switch currency {
	case "":
		return whole
	case "JPY":
		if p.Lang == JA {
			return whole + "円"
		}
		return "¥" + whole
	case "USD":
		return "$" + whole
	case "EUR":
		return "€" + whole
	case "GBP":
		return "£" + whole
	}
	return whole + " " + Safe(currency)
}
