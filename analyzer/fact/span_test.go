package fact

import (
	"testing"
	"time"
)

// TestSpanOfDates: sent mail and exports without trace fields have nothing but Date; a date that stands alone shows nothing.
func TestSpanOfDates(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		why             string
		received, dated []string
		from, to        string
	}{
		{"receivers alone", []string{"2024-03-05", "2025-06-10"}, nil, "2024-03-05", "2025-06-10"},
		{"dates alone", nil, []string{"2021-02-03", "2022-01-01", "2023-04-05"}, "2021-02-03", "2023-04-05"},
		{"one message was received, the others only say when they were written", []string{"2025-06-10"}, []string{"2021-02-03", "2022-01-01", "2023-04-05", "2024-05-05", "2025-07-01"}, "2021-02-03", "2025-07-01"},
		{"a date of another century", []string{"2024-03-05"}, []string{"2024-02-01", "1999-01-01"}, "2024-02-01", "2024-03-05"},
		{"a date to come", []string{"2024-03-05", "2024-06-05"}, []string{"2091-01-01"}, "2024-03-05", "2024-06-05"},
		{"nothing but a date that is wrong", nil, []string{"2091-01-01"}, "2091-01-01", "2091-01-01"},
		{"an old folder of sent mail", []string{"2024-03-05"}, []string{"2001-01-01", "2001-01-09", "2001-02-01", "2001-02-05"}, "2001-01-01", "2024-03-05"},
	} {
		y := NewTally()
		for _, s := range c.received {
			y.Received.Add(day(s))
		}
		for _, s := range c.dated {
			y.Dated.Add(day(s))
			y.DatedMonths[s[:7]]++
		}
		if from, to := y.Oldest().Format(time.DateOnly), y.Newest().Format(time.DateOnly); from != c.from || to != c.to {
			t.Errorf("%s: %s to %s, want %s to %s", c.why, from, to, c.from, c.to)
		}
	}
}
