package script

import "strings"

// figures replaces figures and signs by the letters that they are read as between letters: "4m@z0n".
var figures = strings.NewReplacer("@", "a", "4", "a", "0", "o", "●", "o", "2", "z", "3", "e", "1", "i", "5", "s", "$", "s", "7", "t")

// Figures returns folded text with figures and signs replaced by the letters that they stand for in a word. It says what a
// word may be read as: whether it is one has to be asked of the word.
func Figures(folded string) string { return figures.Replace(folded) }
