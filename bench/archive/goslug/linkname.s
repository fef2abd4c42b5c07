// Lets the declarations without a body in main.go compile.
