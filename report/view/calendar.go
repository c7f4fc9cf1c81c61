package view

import (
	"slices"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// CalendarYear is one year of the statement calendar.
type CalendarYear struct {
	Year int
	Rows []CalendarRow
}

// CalendarRow is one series in one year.
type CalendarRow struct {
	Series *finding.Series
	// Months holds what is due in each month: nothing, one period, or several for a weekly series.
	Months [12][]finding.Period
	// Whole holds the periods that are the year itself.
	Whole []finding.Period
}

// Calendar arranges all series by years, the newest first; rows keep the order of the stream.
func (r *Report) Calendar() []CalendarYear {
	var years []CalendarYear
	for _, s := range r.Series() {
		for _, p := range s.Periods {
			year, month, ok := placePeriod(p.Period)
			if !ok {
				continue
			}
			row := calendarRow(&years, year, s)
			if month == 0 {
				row.Whole = append(row.Whole, p)
			} else {
				row.Months[month-1] = append(row.Months[month-1], p)
			}
		}
	}
	slices.SortStableFunc(years, func(a, b CalendarYear) int { return b.Year - a.Year })
	return years
}

func calendarRow(years *[]CalendarYear, year int, s *finding.Series) *CalendarRow {
	at := slices.IndexFunc(*years, func(y CalendarYear) bool { return y.Year == year })
	if at < 0 {
		*years = append(*years, CalendarYear{Year: year})
		at = len(*years) - 1
	}
	y := &(*years)[at]
	row := slices.IndexFunc(y.Rows, func(r CalendarRow) bool { return r.Series == s })
	if row < 0 {
		y.Rows = append(y.Rows, CalendarRow{Series: s})
		row = len(y.Rows) - 1
	}
	return &y.Rows[row]
}

// placePeriod finds year and month of a period: "2026-01"; "2026-W05", which lies in the month of its Thursday (ISO
// 8601); "2026", whose month is 0.
func placePeriod(s string) (year int, month time.Month, ok bool) {
	if t, err := time.Parse("2006-01", s); err == nil {
		return t.Year(), t.Month(), true
	}
	if t, err := time.Parse("2006", s); err == nil {
		return t.Year(), 0, true
	}
	if len(s) != 8 || s[4:6] != "-W" {
		return 0, 0, false
	}
	t, err := time.Parse("2006", s[:4])
	week := int(s[6]-'0')*10 + int(s[7]-'0')
	if err != nil || week < 1 || week > 53 {
		return 0, 0, false
	}
	// 4 January is always in week 1.
	fourth := t.AddDate(0, 0, 3)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	thursday := monday.AddDate(0, 0, 7*(week-1)+3)
	return t.Year(), thursday.Month(), true
}

// StateMark is a character that stands for a state where there is no room for its word.
func StateMark(state string) string {
	switch state {
	case "read":
		return "●"
	case "unread":
		return "○"
	case "spam":
		return "▲"
	case "trash":
		return "▼"
	case "unknown":
		return "◇"
	case "missing":
		return "×"
	case "silent":
		return "□"
	case "late":
		return "◎"
	case "impersonated":
		return "！"
	case "not_due":
		return "・"
	case "ended":
		return "―"
	}
	return "？"
}

// SeriesName says what a series is of: the issuer, and the notice that is awaited of it.
func (p *Printer) SeriesName(s *finding.Series) string {
	name := p.Word("issuer", s.Issuer)
	if s.Event == "" {
		return name
	}
	return name + p.Word("value", "separator") + p.Event(s.Event)
}
