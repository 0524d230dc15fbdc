from blattwerk.cli import main

main()
