package pst

import (
	"encoding/binary"
	"hash/crc32"
)

// Ways in which the blocks of a file are encoded ([MS-PST] 2.2.2.6). None has a key.
const (
	cryptNone      = 0x00
	cryptPermute   = 0x01
	cryptCyclic    = 0x02
	cryptProtected = 0x10 // by a key that is not in the file
)

// permute undoes the permutation ([MS-PST] 5.1).
func permute(b []byte) {
	for i, c := range b {
		b[i] = tableI[c]
	}
}

// cyclic undoes, and does, the cipher of rotors ([MS-PST] 5.2), which turn with each byte.
func cyclic(b []byte, bid uint64) {
	key := uint32(bid)
	w := uint16(key) ^ uint16(key>>16)
	for i, c := range b {
		lo, hi := byte(w), byte(w>>8)
		c = tableR[c+lo]
		c = tableS[c+hi]
		c = tableI[c-hi]
		b[i] = c - lo
		w++
	}
}

// decode undoes the encoding of a block of data.
func (f *File) decode(b []byte, bid uint64) {
	switch f.crypt {
	case cryptPermute:
		permute(b)
	case cryptCyclic:
		cyclic(b, bid)
	}
}

// checksum is the CRC of pages and blocks: that of everybody, but without the inversions ([MS-PST] 5.3).
func checksum(b []byte) uint32 { return ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, b) }

// signature is what pages and blocks carry of their place ([MS-PST] 5.5).
func signature(at, bid uint64) uint16 {
	at ^= bid
	return uint16(at>>16) ^ uint16(at)
}

var le = binary.LittleEndian
