package mailbox

import "testing"

// TestTimesOfAFile: a sentence for each case of what the file system says of a file, then and now.
func TestTimesOfAFile(t *testing.T) {
	for _, c := range []struct {
		why           string
		then, now     Stat
		like, touched bool
	}{
		{"nothing happened", Stat{1, 2, 3, 4}, Stat{1, 2, 3, 4}, true, false},
		{"it was written to, and its time put back", Stat{1, 2, 3, 4}, Stat{1, 2, 3, 5}, true, true},
		{"the clock was set back before that", Stat{1, 2, 3, 5}, Stat{1, 2, 3, 4}, true, true},
		{"it was read where the system does not tell", Stat{1, 2, 3, 0}, Stat{1, 2, 3, 4}, true, false},
		{"it lies now where the system does not tell", Stat{1, 2, 3, 4}, Stat{1, 2, 3, 0}, true, false},
		{"it grew", Stat{1, 2, 3, 4}, Stat{2, 2, 3, 5}, false, true},
		{"it is another file", Stat{1, 2, 3, 4}, Stat{1, 2, 4, 4}, false, false},
	} {
		if like, touched := c.then.Like(c.now), c.then.Touched(c.now); like != c.like || touched != c.touched {
			t.Errorf("%s: like %v, touched %v", c.why, like, touched)
		}
	}
}
