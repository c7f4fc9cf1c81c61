package transfer

import "bytes"

// UUEncoded appends the decoded body of a uuencoded part to dst, at most limit bytes. Lines before "begin" are passed
// over. Content-Transfer-Encoding values x-uuencode, uuencode and x-uue stand for it; they were never a standard, but
// old Outlook and mainframe gateways send them and mail programs still read them.
func UUEncoded(dst, src []byte, limit int) ([]byte, Damage) {
	var d Damage
	end := len(dst) + limit
	begun, ended := false, false
	for len(src) > 0 && !ended {
		line := src
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line, src = src[:i], src[i+1:]
		} else {
			src = nil
		}
		line = bytes.TrimRight(line, "\r")
		if !begun {
			begun = bytes.HasPrefix(line, []byte("begin "))
			continue
		}
		if len(line) == 0 {
			continue
		}
		if bytes.Equal(line, []byte("end")) {
			ended = true
			break
		}
		want := int(line[0]-' ') & 63
		line = line[1:]
		for want > 0 {
			var g [4]byte
			for i := range g {
				if i < len(line) {
					g[i] = (line[i] - ' ') & 63
				} else {
					d.Junk++
				}
			}
			line = line[min(4, len(line)):]
			b := [3]byte{g[0]<<2 | g[1]>>4, g[1]<<4 | g[2]>>2, g[2]<<6 | g[3]}
			n := min(3, want)
			if len(dst)+n > end {
				d.Cut = true
				return dst, d
			}
			dst = append(dst, b[:n]...)
			want -= n
			if len(line) == 0 && want > 0 {
				d.Truncated = true
				break
			}
		}
	}
	d.Truncated = d.Truncated || !ended
	return dst, d
}
