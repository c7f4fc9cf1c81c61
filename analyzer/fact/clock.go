package fact

import "time"

// Sources of a message's time, as they stand in finding.Message.TimeSource.
const (
	ClockReceived = "received" // the own receiver's Received field at the boundary
	ClockHeader   = "header"   // the sender's Date field
	ClockEnvelope = "envelope" // the From_ line of the mbox
)

// Words for what is wrong with the clocks of a message, as they stand in finding.Message.ClockDoubt. The first that
// holds is told. All but NoClock leave a time that can be sorted by: what the receiver wrote outlives a broken Date.
const (
	NoClock            = "no_clock"            // no clock can be believed; the message has no place in the order of time
	ReceivedImpossible = "received_impossible" // the receiver's time is before mail of this kind existed
	ReceivedFuture     = "received_future"     // the receiver's time lies after the time of the scan
	DateMissing        = "date_missing"        // there is no Date field
	DateUnreadable     = "date_unreadable"     // there is one that can't be read
	DateImpossible     = "date_impossible"     // 30 December 1899, 1 January 1970 and the like: a clock that was never set
	DateFuture         = "date_future"         // the Date lies after the time of the scan
	DateZone           = "date_zone"           // the zone is not one of RFC 5322 §3.3: "+000", "+2500"
	DateSkew           = "date_skew"           // Date and receiver differ by more than transport explains
)

const (
	// clockSlack is how far ahead of the scan a clock may be: the widest error that a zone alone can make (UTC+14)
	// and some minutes for clocks that are not set well.
	clockSlack = 15 * time.Hour
	// transportTime is how long a message may be under way: RFC 5321 §4.5.4.1 has senders retry for four to five days.
	transportTime = 5 * 24 * time.Hour
	// clockAhead is how far the sender's clock may be ahead of the receiver's. A message can't arrive before it was
	// written; an hour forgives a clock that missed the change to or from summer time.
	clockAhead = time.Hour
	// envelopeDrift is how far a From_ line may be from Date before the two disagree. Programs that write the line in
	// local time without a zone are off by up to 14 hours.
	envelopeDrift = 15 * time.Hour
)

// firstYear is the first year in which a message may have been sent: Amazon opened in 1995, and the dates of clocks that
// were never set (1899, 1904, 1970, 1980) all lie before.
const firstYear = 1990

// Clock decides when a message came. The time that the own receiver wrote at the boundary hop is the best clock there
// is; everything below the boundary and the Date field are the sender's to forge (a tenth of the fakes measured carry
// impossible zones or dates of 1899). Where there is no such hop the From_ line of the mbox stands against Date: when
// they agree Date is the more exact one; when they don't, the From_ line counts, except for the style that Thunderbird
// writes ("From - "), which tells when the copy was made and not when the message came.
//
// boundary is the index of the boundary hop in f.Trace, -1 where there is none. asOf is the time of the scan: no clock
// may be later than that; the zero time switches this test off. The time is in UTC, and zero where no clock can be
// believed (doubt NoClock). doubt is empty where nothing is wrong.
func Clock(f *Fact, boundary int, asOf time.Time) (t time.Time, source, doubt string) {
	var received time.Time
	if boundary >= 0 && boundary < len(f.Trace) {
		received = f.Trace[boundary].Time
	}
	date, dateDoubt := dateClock(f.Date, asOf)
	switch {
	case received.IsZero():
	case !possible(received):
		doubt = ReceivedImpossible
	case future(received, asOf):
		doubt = ReceivedFuture
	default:
		if dateDoubt == "" {
			if ahead := date.Sub(received); ahead > clockAhead || -ahead > transportTime {
				dateDoubt = DateSkew
			}
		}
		return received.UTC(), ClockReceived, dateDoubt
	}
	if doubt == "" {
		doubt = dateDoubt
	}

	var envelope time.Time
	style := ""
	if e := f.Envelope; e != nil && !e.Time.IsZero() && possible(e.Time) && !future(e.Time, asOf) {
		envelope, style = e.Time, e.Style
	}
	switch {
	case date.IsZero() && envelope.IsZero():
		return time.Time{}, "", NoClock
	case date.IsZero():
		return envelope.UTC(), ClockEnvelope, doubt
	case envelope.IsZero():
		return date.UTC(), ClockHeader, doubt
	}
	apart := envelope.Sub(date)
	if apart.Abs() <= envelopeDrift || style == "thunderbird" && apart > 0 {
		return date.UTC(), ClockHeader, doubt
	}
	if doubt == "" && (apart < 0 || apart > transportTime) {
		doubt = DateSkew
	}
	return envelope.UTC(), ClockEnvelope, doubt
}

// Pending is the first time at which a clock of a fact that lies too far in the future of asOf comes to be believed; zero
// where there is none. Up to then Clock decides as it does at asOf.
func Pending(f *Fact, asOf time.Time) (first time.Time) {
	look := func(t time.Time) {
		if !future(t, asOf) {
			return
		}
		if t = t.Add(-clockSlack); first.IsZero() || t.Before(first) {
			first = t
		}
	}
	for i := range f.Trace {
		look(f.Trace[i].Time)
	}
	if f.Date != nil {
		look(f.Date.Time)
	}
	if f.Envelope != nil {
		look(f.Envelope.Time)
	}
	return first
}

// dateClock reads the Date field: zero where it can't be believed, and what is wrong with it.
func dateClock(d *Date, asOf time.Time) (time.Time, string) {
	switch {
	case d == nil || d.Doubt == "missing" || d.Raw == "" && d.Time.IsZero():
		return time.Time{}, DateMissing
	case d.Doubt == "impossible":
		return time.Time{}, DateImpossible
	case d.Time.IsZero():
		return time.Time{}, DateUnreadable
	case !possible(d.Time):
		return time.Time{}, DateImpossible
	case future(d.Time, asOf):
		return time.Time{}, DateFuture
	case d.Doubt != "" || !validZone(d.Zone):
		return d.Time, DateZone
	}
	return d.Time, ""
}

func possible(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= 9999 }

func future(t, asOf time.Time) bool { return !asOf.IsZero() && t.After(asOf.Add(clockSlack)) }

// validZone reports whether a zone is one of RFC 5322 §3.3 or §4.3: sign and four digits of at most 14 hours, or letters.
// The absent zone passes: whether that is a defect is the parser's to say.
func validZone(z string) bool {
	if z == "" {
		return true
	}
	if z[0] != '+' && z[0] != '-' {
		for i := 0; i < len(z); i++ {
			if c := z[i] | 0x20; c < 'a' || c > 'z' {
				return false
			}
		}
		return true
	}
	if len(z) != 5 {
		return false
	}
	for _, c := range []byte(z[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	hours, minutes := int(z[1]-'0')*10+int(z[2]-'0'), int(z[3]-'0')*10+int(z[4]-'0')
	return minutes < 60 && hours*60+minutes <= 14*60
}
