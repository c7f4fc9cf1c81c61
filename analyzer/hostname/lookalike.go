package hostname

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/script"
)

// How a host was made to look like a brand's, from the clearest.
const (
	Token = "token" // the word is a label or a part of one between hyphens: amazon.co.jp.example.net, amazon-login.example
	Part  = "part"  // the word is inside a longer label: amazonsignin.example
	Near  = "near"  // a label is the word with a slip or with digits and letters that look alike: amazom, arna2on
)

// LookAlike reports whether a host that is not the brand's own is made to look as if it were. Words are the brand's names
// in folded ASCII letters ("amazon"); a word of fewer than six letters must be a token. Except lists folded words that
// are near a brand word and innocent ("amazing", "aeon"). The top-level domain does not take part.
//
// A label is near a word of six letters or more if it is one slip away (Damerau-Levenshtein), or two with the same first
// letter and at most one slip among the consonants: amazon's fakes listed by JPCERT/CC are, "aragon" and "avalon" are not.
func LookAlike(host string, words []string, except ...string) (word, how string, ok bool) {
	labels := strings.Split(Unicode(strings.ToLower(host)), ".")
	if len(labels) < 2 || len(labels) > 64 || IsIP(host) {
		return "", "", false
	}
	labels = labels[:len(labels)-1]
	rank := func(h string) int { return strings.Index(Token+Part+Near, h) }
	for _, label := range labels {
		if len(label) > 63*4 || label == "" {
			continue
		}
		w, h := likeLabel(script.Fold(label), words, except)
		if h != "" && (how == "" || rank(h) < rank(how)) {
			word, how = w, h
		}
	}
	return word, how, how != ""
}

func likeLabel(label string, words, except []string) (word, how string) {
	tokens := strings.FieldsFunc(label, func(r rune) bool { return r == '-' || r == '_' })
	const most = 16 // a label has 63 characters at most
	if len(tokens) > most {
		tokens = tokens[:most]
	}
	for _, w := range words {
		for _, t := range tokens {
			if t == w {
				return w, Token
			}
		}
	}
	var other [most][2]string // how else each token can be read
	for i, t := range tokens {
		other[i] = [2]string{Skeleton(t), strings.Trim(t, "0123456789")}
	}
	for _, w := range words {
		if len(w) < 6 {
			continue
		}
		for i, t := range tokens {
			if contains(except, t) {
				continue
			}
			if strings.Contains(t, w) {
				return w, Part
			}
			for _, s := range other[i] {
				switch {
				case contains(except, s):
				case s == w:
					return w, Near
				case strings.Contains(s, w):
					return w, Part
				case near(s, w):
					return w, Near
				}
			}
		}
	}
	return "", ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// skeleton replaces digits and pairs of letters by the letter they are read as.
var skeleton = strings.NewReplacer("0", "o", "1", "l", "2", "z", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "rn", "m", "vv", "w")

// Skeleton returns a folded label as a hasty reader takes it: arna2on is amazon.
func Skeleton(label string) string {
	if !strings.ContainsAny(label, "01234578") && !strings.Contains(label, "rn") && !strings.Contains(label, "vv") {
		return label
	}
	return skeleton.Replace(label)
}

// Slip reports whether a word that people read is a name with one slip in it: amazorn, amzon. Names that people bear are near
// some brands, so the first or the second letter has to be right.
func Slip(token, name string) bool {
	if d := len(token) - len(name); d < -1 || d > 2 || len(token) < 2 { // two more: a pair that is read as one letter
		return false
	}
	s := Skeleton(token)
	return s == name || len(s) > 1 && (s[0] == name[0] || s[1] == name[1]) && Distance(s, name) == 1
}

func near(s, word string) bool {
	if d := len(s) - len(word); d < -2 || d > 2 || strange(s, word) > 2 {
		return false
	}
	switch Distance(s, word) {
	case 0, 1:
		return true
	case 2:
		return s[0] == word[0] && Distance(consonants(s), consonants(word)) <= 1
	}
	return false
}

// strange counts the letters of s that word has not: each of them takes one step of Distance at least.
func strange(s, word string) (n int) {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(word, s[i]) < 0 {
			n++
		}
	}
	return n
}

func consonants(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("aeiou", r) {
			return -1
		}
		return r
	}, s)
}

// Distance is the number of letters to insert, delete, replace or swap with their neighbour that make a into b (optimal
// string alignment), counted in bytes. It takes time in proportion to the product of the lengths.
func Distance(a, b string) int {
	var rows [3][16]int
	before, last, row := rows[0][:], rows[1][:], rows[2][:]
	if len(b) >= len(row) {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
