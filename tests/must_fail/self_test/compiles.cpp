// EXPECT: no such sentence
int main() {}
