package event

import (
	"regexp/syntax"
	"unicode/utf8"
)

// required returns literals of which every match of the pattern holds at least one, each of at least window bytes, or
// nil where there are no such literals. They let the index rule a pattern out without running it.
func required(pattern string) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return literals(re.Simplify())
}

// literals works out required for one node of a parsed pattern.
func literals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return nil
		}
		s := string(re.Rune)
		if len(s) < window {
			return nil
		}
		return []string{s}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if set := literals(sub); better(set, best) {
				best = set
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			set := literals(sub)
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
