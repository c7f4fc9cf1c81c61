package xlsx

// The checksum of a part of the package (CRC-32 of ISO 3309, as ZIP has it) is put together from those of its blocks, which
// are packed side by side. A CRC is a remainder of polynomials over GF(2): appending n bytes multiplies it by x^(8n), so the
// CRC of two blocks after one another is crc(a)·x^(8n) + crc(b), in the arithmetic of the polynomial.

// polynomial is that of CRC-32, bits reversed, x^32 left out; in this order x^0 is the highest bit.
const polynomial = 0xedb88320

// joinCRC is the CRC-32 of a block with CRC a followed by one of n bytes with CRC b.
func joinCRC(a, b uint32, n int64) uint32 {
	shift, square := uint32(1)<<31, uint32(1)<<23 // 1, and x^8 for one byte
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			shift = product(shift, square)
		}
		square = product(square, square)
	}
	return product(shift, a) ^ b
}

// product multiplies two polynomials modulo the CRC's.
func product(a, b uint32) uint32 {
	var p uint32
	for ; a != 0; a <<= 1 {
		if a&(1<<31) != 0 {
			p ^= b
		}
		odd := b & 1
		b >>= 1
		if odd == 1 {
			b ^= polynomial
		}
	}
	return p
}
