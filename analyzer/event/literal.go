package event

import (
	"regexp/syntax"
	"unicode/utf8"
)

// shortLiteral is the least length of literals, in bytes: script.Finder finds no single ones.
const shortLiteral = 2

// required returns literals of which every match of the pattern holds at least one: each of at least window bytes where
// there are such, else of at least shortLiteral; nil where there are none. They let a pattern be ruled out without
// running it.
func required(pattern string) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	re = re.Simplify()
	if long := literals(re, window); long != nil {
		return long
	}
	return literals(re, shortLiteral)
}

// literals works out literals of at least so many bytes for one node of a parsed pattern.
func literals(re *syntax.Regexp, least int) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return nil
		}
		s := string(re.Rune)
		if len(s) < least {
			return nil
		}
		return []string{s}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0], least)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals(re.Sub[0], least)
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if set := literals(sub, least); better(set, best) {
				best = set
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			set := literals(sub, least)
			if set == nil {
				return nil
			}
			all = append(all, set...)
		}
		return all
	}
	return nil
}

// better prefers the set whose shortest literal is longer: it occurs less often by chance.
func better(a, b []string) bool { return a != nil && (b == nil || shortest(a) > shortest(b)) }

func shortest(set []string) int {
	n := 1 << 30
	for _, s := range set {
		n = min(n, utf8.RuneCountInString(s)+len(s))
	}
	return n
}
