package script

//go:generate go run ./generate.go

// SimplifiedOnly returns the characters of s, in order, that are used in simplified Chinese and never in Japanese: those
// that GB 2312 can encode and Shift_JIS with its vendor extensions cannot (3,385 characters). In text that is otherwise
// Japanese they show a writer with a Chinese keyboard: 账户 for アカウント, 会员 for 会員.
func SimplifiedOnly(s string) []rune {
	var out []rune
	for _, r := range s {
		if r < 0x4e00 || r > 0x9fff {
			continue
		}
		if i := r - 0x4e00; simplifiedBits[i/32]>>(i%32)&1 != 0 {
			out = append(out, r)
		}
	}
	return out
}

// HasSimplified reports whether SimplifiedOnly would return any.
func HasSimplified(s string) bool {
	for i := 0; i+3 <= len(s); i++ {
		if c := s[i]; c < 0xe4 || c > 0xe9 {
			continue // the first bytes of U+4000 to U+9FFF
		}
		r := rune(s[i]&0xf)<<12 | rune(s[i+1]&0x3f)<<6 | rune(s[i+2]&0x3f)
		if r >= 0x4e00 && simplifiedBits[(r-0x4e00)/32]>>(r%32)&1 != 0 && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			return true
		}
	}
	return false
}
