package candidate

import "bytes"

// arranges reports whether a page may show text elsewhere than it stands in the source, or text that stands in none of its
// tags: a direction from right to left, an order among children, boxes that float to the right, what :before and :after put
// in, and style sheets in escapes or with comments inside a declaration, which could say any of that.
func arranges(b []byte) bool {
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], ':')
		if i < 0 {
			break
		}
		at += i
		if declares(b, at) {
			return true
		}
	}
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], '=')
		if i < 0 {
			break
		}
		at += i
		if i := before(b, at); i >= 3 && equal(b[i-3:i], "dir") {
			switch v := behind(b, at+1); {
			case v < len(b) && (b[v] == '"' || b[v] == '\''):
				v = behind(b, v+1)
				fallthrough
			default:
				if v >= len(b) || b[v]|0x20 != 'l' && b[v]|0x20 != 'a' {
					return true // neither "ltr" nor "auto"
				}
			}
		}
	}
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], '\\')
		if i < 0 {
			return false
		}
		at += i
		if at+1 < len(b) && (inWord(b[at+1]) || b[at+1] == '-') {
			return true
		}
	}
}

// declares reports whether the colon at i is that of a declaration that moves text or puts text in.
func declares(b []byte, i int) bool {
	end, v := before(b, i), behind(b, i+1)
	if end == 0 {
		return false
	}
	value := b[v:min(len(b), v+24)]
	if end > 1 && b[end-1] == '/' && b[end-2] == '*' || bytes.HasPrefix(value, []byte("/*")) {
		return true
	}
	name := func(word string) bool { return end >= len(word) && equal(b[end-len(word):end], word) }
	switch b[end-1] | 0x20 {
	case 'n':
		return name("direction") && (equal(value[:min(3, len(value))], "rtl") || holdsFold(value, "-rev"))
	case 'w':
		return name("flex-flow") && holdsFold(value, "-rev")
	case 'i':
		return name("unicode-bidi")
	case 'r':
		return name("order") && (end < 6 || b[end-6]|0x20 != 'b' && b[end-6]|0x20 != 'c')
	case 't':
		return name("float") && equal(value[:min(5, len(value))], "right") || name("content") && fills(value)
	}
	return false
}

// fills reports whether the value of a content property is any text but an empty one.
func fills(v []byte) bool {
	return !bytes.HasPrefix(v, []byte(`""`)) && !bytes.HasPrefix(v, []byte("''")) && !equal(v[:min(4, len(v))], "none")
}

// before is the end of what stands before i, white space apart.
func before(b []byte, i int) int {
	for i > 0 && b[i-1] <= ' ' {
		i--
	}
	return i
}

// behind is the start of what stands at i or behind it, white space apart.
func behind(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	return i
}

func equal(b []byte, word string) bool {
	return len(b) == len(word) && bytes.EqualFold(b, []byte(word))
}

func holdsFold(b []byte, word string) bool {
	for i := 0; i+len(word) <= len(b); i++ {
		if equal(b[i:i+len(word)], word) {
			return true
		}
	}
	return false
}
