package script

import "testing"

func TestReadingOrder(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                          "plain",
		"\u202enozamA":                   "Amazon",
		"x \u202enozamA\u202c y":         "x Amazon y",
		"\u202enozamA\ny":                "Amazon\ny", // an override ends with its line
		"\u202eno\u202dzam\u202cA\u202c": "Amazon",
		"\u202eab\u202c\u202ecd":         "badc",
	} {
		if got := ReadingOrder(in); got != want {
			t.Errorf("ReadingOrder(%q) = %q, want %q", in, got, want)
		}
	}
}
