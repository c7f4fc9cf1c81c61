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
