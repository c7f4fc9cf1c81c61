package statement

import (
	"slices"
	"time"
)

// silence is how long a mailbox must hold no mail of any kind for its gap to say nothing of a single statement. Three
// weeks: of a mailbox in use hardly a week goes by without mail, and a holiday does not stop newsletters.
const silence = 21 * 24

// hours are the hours since the Unix epoch in which mail came, in order.
func (f *finder) hours() []int32 {
	if f.came == nil {
		f.came = make([]int32, 0, len(f.Arrivals))
		for h, n := range f.Arrivals {
			if n > 0 {
				f.came = append(f.came, h)
			}
		}
		slices.Sort(f.came)
	}
	return f.came
}

// silent reports whether the mailbox holds no mail of any kind around the day on which a statement was due: three days
// before, then or three days after it, for statements come a weekend late, lie in three weeks without mail. Where arrivals
// were not counted, whether it holds none of that month.
func (f *finder) silent(due time.Time) bool {
	if len(f.Arrivals) == 0 {
		return f.Months != nil && f.Months[due.UTC().Format("2006-01")] == 0
	}
	came := f.hours()
	for _, days := range []int{0, -3, 3} {
		h := int32(due.AddDate(0, 0, days).Unix() / 3600)
		k, exact := slices.BinarySearch(came, h)
		if exact {
			continue
		}
		// Outside the mailbox's own mail its ends bound the silence.
		before, after := int32(f.Span[0].Unix()/3600), int32(f.end.Unix()/3600)
		if k > 0 {
			before = came[k-1]
		}
		if k < len(came) {
			after = came[k]
		}
		if after-before >= silence && before <= h && h <= after {
			return true
		}
	}
	return false
}
