package fact

import (
	"testing"
	"time"
)

func clockTime(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestClock(t *testing.T) {
	const scan = "2026-03-01T00:00:00Z"
	for _, c := range []struct {
		says               string
		received           string
		date, zone, doubt  string
		envelope, style    string
		want, source, word string
	}{
		{says: "receiver and sender agree", received: "2026-02-03T04:05:06Z", date: "2026-02-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:06Z", source: ClockReceived},
		{says: "the receiver's zone is turned into UTC", received: "2026-02-03T13:05:06+09:00", date: "2026-02-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:06Z", source: ClockReceived},
		{says: "a queue of four days is transport, not skew", received: "2026-02-07T04:00:00Z", date: "2026-02-03T04:05:00Z", zone: "+0000", want: "2026-02-07T04:00:00Z", source: ClockReceived},
		{says: "written a month before it came", received: "2026-02-03T04:05:06Z", date: "2026-01-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateSkew},
		{says: "written eight hours after it came", received: "2026-02-03T04:05:06Z", date: "2026-02-03T12:05:06Z", zone: "+0000", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateSkew},
		{says: "a date of 1899 never moves the message", received: "2026-02-03T04:05:06Z", date: "1899-12-30T00:00:00Z", zone: "+0800", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateImpossible},
		{says: "a date of 1899 and nothing else is no time", date: "1899-12-30T00:00:00Z", zone: "+0800", word: NoClock},
		{says: "a date of 1970 and the From_ line", date: "1970-01-01T00:00:00Z", zone: "+0000", envelope: "2026-02-03T04:05:06Z", style: "asctime", want: "2026-02-03T04:05:06Z", source: ClockEnvelope, word: DateImpossible},
		{says: "a zone of three digits", received: "2026-02-03T04:05:06Z", date: "2026-02-03T04:05:00Z", zone: "+000", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateZone},
		{says: "a zone of twenty-five hours", received: "2026-02-03T04:05:06Z", date: "2026-02-03T04:05:00Z", zone: "+2500", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateZone},
		{says: "a zone of three digits is used, not in silence, where it is all there is", date: "2026-02-03T04:05:00Z", zone: "+000", want: "2026-02-03T04:05:00Z", source: ClockHeader, word: DateZone},
		{says: "a Date in the future beside a good receiver", received: "2026-02-03T04:05:06Z", date: "2036-02-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateFuture},
		{says: "a Date in the future and nothing else is no time", date: "2036-02-03T04:05:00Z", zone: "+0000", word: NoClock},
		{says: "a receiver in the future gives way to Date", received: "2036-02-03T04:05:06Z", date: "2026-02-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:00Z", source: ClockHeader, word: ReceivedFuture},
		{says: "a receiver of 1980 gives way to Date", received: "1980-01-01T00:00:00Z", date: "2026-02-03T04:05:00Z", zone: "+0000", want: "2026-02-03T04:05:00Z", source: ClockHeader, word: ReceivedImpossible},
		{says: "no Date at all", received: "2026-02-03T04:05:06Z", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateMissing},
		{says: "an unreadable Date", received: "2026-02-03T04:05:06Z", doubt: "unreadable", want: "2026-02-03T04:05:06Z", source: ClockReceived, word: DateUnreadable},
		{says: "nothing at all", word: NoClock},
		{says: "no boundary: Date, confirmed by the From_ line", date: "2026-02-03T04:05:00Z", zone: "+0000", envelope: "2026-02-03T13:05:06Z", style: "asctime", want: "2026-02-03T04:05:00Z", source: ClockHeader},
		{says: "no boundary, From_ line months later: the From_ line", date: "2025-02-03T04:05:00Z", zone: "+0000", envelope: "2026-02-03T04:05:06Z", style: "takeout", want: "2026-02-03T04:05:06Z", source: ClockEnvelope, word: DateSkew},
		{says: "Thunderbird's From_ line tells when the copy was made", date: "2025-02-03T04:05:00Z", zone: "+0000", envelope: "2026-02-03T04:05:06Z", style: "thunderbird", want: "2025-02-03T04:05:00Z", source: ClockHeader},
		{says: "a copy older than its Date", date: "2026-02-03T04:05:00Z", zone: "+0000", envelope: "2025-02-03T04:05:06Z", style: "thunderbird", want: "2025-02-03T04:05:06Z", source: ClockEnvelope, word: DateSkew},
	} {
		t.Run(c.says, func(t *testing.T) {
			f := &Fact{}
			boundary := -1
			if c.received != "" {
				f.Trace = []Hop{{}, {Time: clockTime(t, c.received)}}
				boundary = 1
			}
			if c.date != "" || c.doubt != "" {
				f.Date = &Date{Raw: "as written", Time: clockTime(t, c.date), Zone: c.zone, Doubt: c.doubt}
			}
			if c.envelope != "" {
				f.Envelope = &Envelope{Time: clockTime(t, c.envelope), Style: c.style}
			}
			got, source, word := Clock(f, boundary, clockTime(t, scan))
			if !got.Equal(clockTime(t, c.want)) || source != c.source || word != c.word {
				t.Errorf("got %v %q %q, want %q %q %q", got, source, word, c.want, c.source, c.word)
			}
		})
	}
}

func TestClockOutsideTheTrace(t *testing.T) {
	f := &Fact{Trace: []Hop{{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}}
	for _, boundary := range []int{-2, -1, 1, 99} {
		if _, source, word := Clock(f, boundary, time.Time{}); source != "" || word != NoClock {
			t.Errorf("boundary %d: got %q %q: a hop that is not the boundary must not count", boundary, source, word)
		}
	}
}

// TestPending says that a clock that lies too far in the future comes to be believed at the time that Pending names, and
// not before, and that one that is believed already is waited for no more.
func TestPending(t *testing.T) {
	asOf := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		says  string
		ahead time.Duration // of the clock
		waits bool
	}{
		{"a clock of the past", -time.Hour, false},
		{"a zone that is wrong", 14 * time.Hour, false},
		{"at the edge", 15 * time.Hour, false},
		{"a second too far", 15*time.Hour + time.Second, true},
		{"weeks ahead", 1000 * time.Hour, true},
	} {
		f := &Fact{Date: &Date{Raw: "x", Time: asOf.Add(c.ahead)}}
		_, _, now := Clock(f, -1, asOf)
		at := Pending(f, asOf)
		if at.IsZero() == c.waits {
			t.Errorf("%s: pending at %v", c.says, at)
			continue
		}
		if !c.waits {
			continue
		}
		_, _, before := Clock(f, -1, at.Add(-time.Second))
		_, _, then := Clock(f, -1, at)
		if before != now || then == now {
			t.Errorf("%s: %q, before %q, then %q", c.says, now, before, then)
		}
	}
}
