package mapi

import (
	"encoding/binary"
	"errors"
)

// rtfPrefix is what the dictionary of compressed RTF holds at the start ([MS-OXRTFCP] 2.1.2.1).
const rtfPrefix = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

var errRTF = errors.New("compressed RTF is damaged")

// DecompressRTF undoes the compression of PidTagRtfCompressed. What was read before damage is returned with an error; most
// bounds the result.
func DecompressRTF(b []byte, most int) ([]byte, error) {
	const header, window = 16, 4096
	if len(b) < header {
		return nil, errRTF
	}
	size := int(binary.LittleEndian.Uint32(b[4:]))
	kind := binary.LittleEndian.Uint32(b[8:])
	if n := int(binary.LittleEndian.Uint32(b)); n >= header-4 && n+4 < len(b) {
		b = b[:n+4]
	}
	b = b[header:]
	most = min(most, size)
	switch kind {
	case 0x414C454D: // "MELA": stored
		if len(b) < most {
			return b, errRTF
		}
		return b[:most], nil
	case 0x75465A4C: // "LZFu"
	default:
		return nil, errRTF
	}
	var dict [window]byte
	at := copy(dict[:], rtfPrefix)
	out := make([]byte, 0, min(most, 8*len(b)+window))
	put := func(c byte) {
		out = append(out, c)
		dict[at] = c
		at = (at + 1) % window
	}
	for len(b) > 0 {
		control := b[0]
		b = b[1:]
		for bit := range 8 {
			switch {
			case len(out) >= most:
				return out, nil
			case control>>bit&1 == 0:
				if len(b) < 1 {
					return out, errRTF
				}
				put(b[0])
				b = b[1:]
				continue
			case len(b) < 2:
				return out, errRTF
			}
			ref := int(b[0])<<8 | int(b[1])
			b = b[2:]
			from := ref >> 4
			if from == at {
				if len(out) < most {
					return out, errRTF
				}
				return out, nil
			}
			for range ref&0xF + 2 {
				if len(out) >= most {
					return out, nil
				}
				put(dict[from])
				from = (from + 1) % window
			}
		}
	}
	if len(out) < most {
		return out, errRTF
	}
	return out, nil
}
