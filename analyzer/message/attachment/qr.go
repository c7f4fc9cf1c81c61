package attachment

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"  // decoders of the formats mail shows
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	_ "golang.org/x/image/bmp"  // as above
	_ "golang.org/x/image/webp" // as above

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// codePixels is the width that pictures are brought down to before they are searched: the decoder's work grows with the
// area, and a code a camera can read is readable at this size.
const codePixels = 1600

// smallest is the side of the smallest QR code, 21 modules.
const smallest = 21

// codes reads the QR codes of a picture: as it is and with its colours inverted (the decoder knows only dark on light),
// with a white border (codes cut at their edge are missed otherwise).
func codes(data []byte, lim limit.Limits) ([]Found, error) {
	img, err := picture(data, lim)
	if err != nil || img == nil {
		return nil, err
	}
	for _, inverted := range []bool{false, true} {
		text, err := read(grey(img, inverted))
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		if links := htmltext.PlainLinks(text, lim.Links); len(links) > 0 {
			var found []Found
			for _, l := range links {
				found = append(found, Found{Target: l.Target, Shown: text, From: QR})
			}
			return once(found), nil
		}
		return []Found{{Target: strings.TrimSpace(text), From: QR}}, nil
	}
	return nil, nil
}

// picture decodes data within the pixel limit; nil where there is nothing that could be a code.
func picture(data []byte, lim limit.Limits) (img image.Image, err error) {
	defer recovered(&err)
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("attachment: picture: %w", err)
	}
	if c.Width < smallest || c.Height < smallest {
		return nil, nil
	}
	if int64(c.Width)*int64(c.Height) > int64(lim.ImagePixels) {
		return nil, fmt.Errorf("attachment: picture of %d x %d is larger than limit %s", c.Width, c.Height, limit.NameImagePixels)
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("attachment: picture: %w", err)
	}
	return img, nil
}

// grey makes a grey copy with a white border, shrunk to codePixels.
func grey(img image.Image, inverted bool) *image.Gray {
	b := img.Bounds()
	step := max(1, (max(b.Dx(), b.Dy())+codePixels-1)/codePixels)
	w, h := b.Dx()/step, b.Dy()/step
	border := max(16, max(w, h)/20)
	out := image.NewGray(image.Rect(0, 0, w+2*border, h+2*border))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for y := range h {
		for x := range w {
			v := luminance(img, b.Min.X+x*step, b.Min.Y+y*step, step)
			if inverted {
				v = 255 - v
			}
			out.Pix[(y+border)*out.Stride+x+border] = v
		}
	}
	return out
}

// luminance is the mean of a block of pixels on white ground, so that what is transparent is white as in a mail program.
func luminance(img image.Image, x0, y0, step int) uint8 {
	sum := uint32(0)
	for y := y0; y < y0+step; y++ {
		for x := x0; x < x0+step; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			sum += (19595*r+38470*g+7471*b)>>24 + (0xffff-a)>>8
		}
	}
	return uint8(min(255, sum/uint32(step*step)))
}

// read gives the text of the code in a picture, "" where there is none.
func read(img image.Image) (text string, err error) {
	defer recovered(&err)
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", fmt.Errorf("attachment: QR: %w", err)
	}
	hints := map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true}
	result, err := qrcode.NewQRCodeReader().Decode(bmp, hints)
	if err != nil || result == nil {
		var none gozxing.ReaderException
		if err == nil || errors.As(err, &none) {
			return "", nil // nothing that reads as a code
		}
		return "", fmt.Errorf("attachment: QR: %w", err)
	}
	return result.GetText(), nil
}

// recovered turns a panic of a decoder into an error: gozxing dereferences nil on some damaged codes.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("attachment: decoder gave up: %v", p)
	}
}
